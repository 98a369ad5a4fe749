import { defineConfig } from "vitest/config";

// A machine that others use too may take ten times as long; what must be quick, a test measures itself.
export default defineConfig({ test: { setupFiles: "tests/seed.ts", testTimeout: 60_000 } });
