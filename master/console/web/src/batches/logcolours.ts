/** A part of a line in one look: a class for what terminals show by colour or weight. */
export type Part = { text: string; look: string };

const escape = String.fromCharCode(27);
const sequence = new RegExp(`${escape}(?:\\[([0-9;:?]*)([@-~])|\\][^${String.fromCharCode(7)}${escape}]*(?:${String.fromCharCode(7)}|${escape}\\\\)?|[@-Z\\\\^_])`, "g");
const colours = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

type Looks = { bold: boolean; colour: string };

/** Cuts a line where terminals would change colour or weight; all other orders to terminals are left out. */
export function partsOf(line: string): Part[] {
  if (!line.includes(escape)) return [{ text: shown(line), look: "" }];
  const parts: Part[] = [];
  let looks: Looks = { bold: false, colour: "" };
  let from = 0;
  const add = (to: number) => {
    if (to > from) parts.push({ text: shown(line.slice(from, to)), look: classOf(looks) });
  };
  for (const found of line.matchAll(sequence)) {
    add(found.index);
    from = found.index + found[0].length;
    if (found[2] === "m") looks = changed(looks, found[1] ?? "");
  }
  add(line.length);
  return parts;
}

function changed(looks: Looks, orders: string): Looks {
  const numbers = orders.split(/[;:]/).map(Number);
  let { bold, colour } = looks;
  for (let i = 0; i < numbers.length; i++) {
    const n = numbers[i] ?? 0;
    if (n === 38 || n === 48) i += numbers[i + 1] === 5 ? 2 : 4; // of 256 or of all colours: left as it is
    else if (n === 0) [bold, colour] = [false, ""];
    else if (n === 1) bold = true;
    else if (n === 22) bold = false;
    else if (n === 39) colour = "";
    else if (n >= 30 && n <= 37) colour = colours[n - 30] ?? "";
    else if (n >= 90 && n <= 97) colour = colours[n - 90] ?? "";
  }
  return { bold, colour };
}

const classOf = ({ bold, colour }: Looks) => [bold ? "bold" : "", colour ? `ink-${colour}` : ""].filter(Boolean).join(" ");

/** Letters that have no shape are shown by their signs, but tabs. */
const shown = (text: string) => text.replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, (c) => (c === "\u007f" ? "␡" : String.fromCharCode(0x2400 + c.charCodeAt(0))));
