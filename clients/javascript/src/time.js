/**
 * Waits; ends early, with its reason, when the signal says so.
 *
 * @param {number} ms nothing to wait for if it is not above 0
 */
export function sleep(ms, signal) {
  if (signal?.aborted) return Promise.reject(signal.reason);
  if (!(ms > 0)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** The promise's outcome, unless the time or the signal comes first. */
export function within(promise, deadline, signal, late) {
  if (deadline === Infinity && !signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => finish(reject, signal.reason);
    const ms = Math.min(deadline - performance.now(), 0x7fff_ffff);
    const timer = deadline === Infinity ? undefined : setTimeout(() => finish(reject, late()), Math.max(0, ms));
    const finish = (end, value) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      end(value);
    };
    if (signal?.aborted) return finish(reject, signal.reason);
    signal?.addEventListener("abort", abort, { once: true });
    promise.then((value) => finish(resolve, value), (error) => finish(reject, error));
  });
}
