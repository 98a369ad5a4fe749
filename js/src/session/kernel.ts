/** The kernel behind a view, as far as its host lets a widget see it. */

/** Reasons why there is none: it does not answer, or it has ended and with it the graph. */
export type Lost = "silent" | "ended";

/** The part of JupyterLab's kernel connection that is used here. */
interface Kernel {
  readonly connectionStatus: string;
  readonly statusChanged: Record<
    "connect" | "disconnect",
    (slot: (kernel: unknown, status: string) => void) => void
  >;
}

/** A host's widget manager; not every host has one that knows its kernel. */
export interface Manager {
  readonly kernel?: Kernel | null;
}

const LOOK_EVERY = 1000; // ms

/** Tell what became of the kernel, now and then, until `signal`. Asks nothing of it, for it may be busy. */
export function followKernel(
  manager: Manager | undefined,
  signal: AbortSignal,
  tell: (lost: Lost | undefined) => void,
): void {
  const kernel = manager?.kernel;
  if (!kernel) return;
  let isOver = false;
  const look = () => {
    // Its model was made by a kernel that runs: one that starts is another one.
    isOver ||= manager.kernel !== kernel;
    tell(isOver ? "ended" : kernel.connectionStatus === "connected" ? undefined : "silent");
  };
  const hear = (_: unknown, status: string) => {
    isOver ||= /start|dead/.test(status);
    look();
  };
  kernel.statusChanged.connect(hear);
  const timer = setInterval(look, LOOK_EVERY);
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    kernel.statusChanged.disconnect(hear);
  });
}
