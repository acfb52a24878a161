/** The keys of columns that a text such as `state,why` chooses, in their own order; the usual ones where it chooses none that is known. */
export function chosenKeys(text: string | undefined | null, all: readonly string[], usual: readonly string[]): string[] {
  const wanted = new Set((text ?? "").split(","));
  const known = all.filter((key) => wanted.has(key));
  return known.length > 0 ? known : [...usual];
}

/** The text that chooses columns; undefined for the usual ones, which need none. */
export function choiceOf(keys: readonly string[], usual: readonly string[]): string | undefined {
  const same = keys.length === usual.length && keys.every((key) => usual.includes(key));
  return same ? undefined : keys.join(",");
}
