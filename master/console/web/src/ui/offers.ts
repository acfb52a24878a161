type Named = { name: string; title?: string };

/**
 * What a field offers for a text: exactly that name first, then names that begin
 * with it. Offers that were read for another text (`old`) stay only where they have
 * this one in them, so that Enter never takes what was not meant.
 */
export function offersFor<T extends Named>(found: readonly T[], typed: string, old: boolean): T[] {
  const text = typed.trim().toLowerCase();
  const rank = ({ name }: T) => (name.toLowerCase() === text ? 0 : name.toLowerCase().startsWith(text) ? 1 : 2);
  const meant = old ? found.filter(({ name, title = "" }) => `${name}\n${title}`.toLowerCase().includes(text)) : [...found];
  return meant.sort((a, b) => rank(a) - rank(b));
}
