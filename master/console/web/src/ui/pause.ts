/** Waits, or until it is stopped. */
export function pause(millis: number, stop: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, millis);
    stop.addEventListener("abort", () => {
      clearTimeout(timer);
      done();
    });
  });
}
