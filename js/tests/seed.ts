/** The same random cases in each run, so that a red test speaks of the change. `SEED=2 npm test` draws others. */

import fc from "fast-check";

declare const process: { env: Record<string, string | undefined> };

fc.configureGlobal({ seed: Number(process.env.SEED ?? 1) });
