/** A value of a CSV file; without one the field is empty. */
export type Cell = string | number | undefined;

// Spreadsheets take a field that begins so for a formula, also in full width and behind spaces.
const formula = /^\s*[=+\-@＝＋－＠]/;

/** A field as RFC 4180 writes it; a text that would be a formula stays a text by a leading apostrophe. */
export function fieldOf(cell: Cell): string {
  if (cell === undefined) return "";
  if (typeof cell === "number") return String(cell);
  const text = formula.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const mark = "\uFEFF"; // says that it is UTF-8 to programs that would guess otherwise

/** A CSV file of rows of which the first is the heading. */
export const csvOf = (rows: Cell[][]) => mark + rows.map((row) => `${row.map(fieldOf).join(",")}\r\n`).join("");
