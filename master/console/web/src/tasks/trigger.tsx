import { glyphs } from "../ui/states";
import { useWords } from "../ui/words";
import { words } from "./words";

const stands = [
  ["held", "notStarted"],
  ["waiting", "pending"],
  ["running", "running"],
  ["failed", "abnormal"],
] as const;

/** How a task stands by its trigger: switched off, before its next run, running, or gone wrong. */
export function TriggerTag({ status }: { status: number }) {
  const t = useWords(words);
  const stand = stands[status];
  if (!stand) return <span>{status}</span>;
  const [look, word] = stand;
  return (
    <span className={`state state-${look}`}>
      <span aria-hidden="true" className="glyph">
        {glyphs[look]}
      </span>
      {t(word)}
    </span>
  );
}

/** A function that gives how a task stands in words alone, for files. */
export function useStand() {
  const t = useWords(words);
  return (status: number) => {
    const word = stands[status]?.[1];
    return word ? t(word) : String(status);
  };
}
