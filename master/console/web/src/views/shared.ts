const reading = new Map<string, Promise<unknown>>();

/**
 * Reads once for all who ask while it reads. A long reading is so not begun anew by
 * each event that tells of a change, which would keep it from ever ending.
 */
export function shared<T>(key: string, read: () => Promise<T>): Promise<T> {
  const under = reading.get(key) as Promise<T> | undefined;
  if (under) return under;
  const begun = read().finally(() => reading.delete(key));
  reading.set(key, begun);
  return begun;
}
