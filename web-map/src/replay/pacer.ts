/** Long work in short pieces, so that no frame is late. */

/** Work is handed back to the browser after so long. */
const SLICE_MS = 8;

/** To be awaited between pieces. */
export type Pause = () => Promise<void> | undefined;

export function pacer(): Pause {
  let sinceMs = performance.now();
  return () => {
    if (performance.now() - sinceMs < SLICE_MS) return undefined;
    return new Promise<void>((resolve) => {
      setTimeout(() => {
        sinceMs = performance.now();
        resolve();
      });
    });
  };
}
