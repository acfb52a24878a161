/** What can be written into a task file. */
export type Value = string | number | boolean | Value[] | { [key: string]: Value };

const bare = /^[\p{L}\p{N}_/][\p{L}\p{N}_./@+ -]*$/u;
const words = new Set(["true", "false", "null", "yes", "no", "on", "off", "y", "n"]); // that some readers take for something else

/** Whether a text means itself without quotes, for every reader of YAML. */
function isPlain(text: string): boolean {
  return bare.test(text) && !text.endsWith(" ") && !words.has(text.toLowerCase()) && Number.isNaN(Number(text)) && !/^[\d_.+-]+$/.test(text);
}

/** A scalar on one line, in the quotes that stood there before, if any did. */
export function scalarText(value: string | number | boolean, before?: string): string {
  if (typeof value !== "string") return String(value);
  if (before === "QUOTE_SINGLE" && !/[\n\r\t]/.test(value)) return `'${value.replaceAll("'", "''")}'`;
  return before === "QUOTE_DOUBLE" || !isPlain(value) ? JSON.stringify(value) : value;
}

/** A value in braces and brackets; for JSON every text is in quotes. */
export function flowText(value: Value, json: boolean): string {
  if (Array.isArray(value)) return `[${value.map((v) => flowText(v, json)).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([k, v]) => flowPair(k, v, json)).join(", ")}}`;
  return scalarText(value, json ? "QUOTE_DOUBLE" : undefined);
}

export const flowPair = (key: string, value: Value, json: boolean) => `${scalarText(key, json ? "QUOTE_DOUBLE" : undefined)}: ${flowText(value, json)}`;

const spaces = (n: number) => " ".repeat(n);

/** What stands behind the colon of a key, or the dash of an item, in this column. Without a line end. */
export function blockText(value: Value, column: number): string {
  if (Array.isArray(value)) return value.length === 0 ? " []" : `\n${value.map((v) => `${spaces(column + 2)}-${itemText(v, column + 2)}`).join("\n")}`;
  if (typeof value === "object") return `\n${spaces(column + 2)}${pairsText(value, column + 2)}`;
  if (typeof value === "string" && value.includes("\n") && fitsBlock(value)) return ` ${literal(value, column, column + 2)}`;
  return ` ${scalarText(value)}`;
}

export const pairText = (key: string, value: Value, column: number) => `${scalarText(key)}:${blockText(value, column)}`;

const pairsText = (map: { [key: string]: Value }, column: number) =>
  Object.entries(map).map(([k, v]) => pairText(k, v, column)).join(`\n${spaces(column)}`);

/** An item behind its dash. */
export const itemText = (value: Value, dash: number) => (typeof value === "object" && !Array.isArray(value) ? ` ${pairsText(value, dash + 2)}` : blockText(value, dash));

/** Whether a text can be written as a block of lines: one without signs that nobody sees, and with one line end at most behind it. */
export const fitsBlock = (text: string) => text.trim() !== "" && !/[\r\u0000-\u0008\u000b-\u001f\u0085\u2028\u2029\ufeff]|\n\n$/.test(text);

/** A block of lines below a key of this column, indented so far; `note` is a comment behind its mark. Without the last line end. */
export function literal(text: string, column: number, indent: number, note = ""): string {
  const lines = text.replace(/\n$/, "").split("\n");
  const first = lines.find((line) => line !== "") ?? "";
  const digit = first.startsWith(" ") ? String(indent - column) : "";
  return `|${digit}${text.endsWith("\n") ? "" : "-"}${note}\n${lines.map((line) => (line === "" ? "" : spaces(indent) + line)).join("\n")}`;
}
