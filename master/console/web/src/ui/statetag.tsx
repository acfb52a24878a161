import type { Api } from "../api/client";
import { commonWords } from "./commonwords";
import { glyphs, isLate, lookOf } from "./states";
import { useWords } from "./words";

type Shown = Pick<Api["Batch"], "state" | "finish" | "gate" | "dependTimeoutAt" | "outputTimeoutAt">;

const wordOf = (batch: Shown) => (batch.finish === "lost" ? "lost" : lookOf(batch));

/** A function that gives the state of a batch in words alone, for files. */
export function useStateWord() {
  const t = useWords(commonWords);
  return (batch: Shown) => (isLate(batch) ? `${t(wordOf(batch))}, ${t("late")}` : t(wordOf(batch)));
}

/** The state of a batch by glyph, word and colour, with a mark when it is late. */
export function StateTag({ batch }: { batch: Shown }) {
  const t = useWords(commonWords);
  const look = lookOf(batch);
  return (
    <span className={`state state-${look}`}>
      <span aria-hidden="true" className="glyph">
        {glyphs[look]}
      </span>
      {t(wordOf(batch))}
      {isLate(batch) && (
        <span className="late">
          <span aria-hidden="true">{glyphs.late}</span> {t("late")}
        </span>
      )}
    </span>
  );
}
