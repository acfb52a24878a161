import { type Look, palettes } from "../ui/states";
import type { Mode } from "../ui/look";

/** How a batch is shown, and the common word for it: what is lost looks failed. */
export type Standing = { look: Look; word: Look | "lost" };

const plain = (look: Look): Standing => ({ look, word: look });
const lost: Standing = { look: "failed", word: "lost" };

const byWord: Record<string, Standing> = {
  waiting: plain("waiting"), assigned: plain("assigned"), running: plain("running"), success: plain("ok"), failed: plain("failed"), killed: plain("killed"), skipped: plain("skipped"), lost,
};

/** The standing that a state or result stands for; none when there is no batch. */
export const standingOf = (word: string | undefined): Standing | undefined => (word ? byWord[word] : undefined);

const byCode: Record<string, Standing> = {
  W: plain("waiting"), A: plain("assigned"), R: plain("running"), S: plain("ok"), F: plain("failed"), K: plain("killed"), X: plain("skipped"), L: lost,
};

/** The standing that a character of the grid stands for; none for a dot. */
export const standingOfCode = (code: string | undefined): Standing | undefined => (code ? byCode[code] : undefined);

/** The colour of a look. */
export const colourOf = (look: Look, mode: Mode) => palettes[mode][look === "skipped" ? "waiting" : look];

/** The colours of the page that are not of states. */
export type Inks = { ink: string; faint: string; line: string; soft: string; ground: string };

/** Reads the colours of the page from its style. */
export function readInks(): Inks {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return { ink: read("--ink"), faint: read("--faint"), line: read("--line"), soft: read("--soft"), ground: read("--ground") };
}

/** The accent of what is chosen. */
export const accent = "#246df9";

/** The fonts of what is drawn: names and glyphs. */
export const textFont = (size: number, weight = 400) => `${weight} ${size}px system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif`;
export const glyphFont = (size: number) => `${size}px "Noto Sans Symbols 2", "Segoe UI Symbol", sans-serif`;
