import type { Api } from "../api/client";
import { commonWords } from "./commonwords";
import { glyphs, isLate, lookOf } from "./states";
import { useWords } from "./words";

type Shown = Pick<Api["Batch"], "state" | "finish" | "gate" | "dependTimeoutAt" | "outputTimeoutAt">;

/** The state of a batch by glyph, word and colour, with a mark when it is late. */
export function StateTag({ batch }: { batch: Shown }) {
  const t = useWords(commonWords);
  const look = lookOf(batch);
  const word = batch.finish === "lost" ? t("lost") : t(look);
  return (
    <span className={`state state-${look}`}>
      <span aria-hidden="true" className="glyph">
        {glyphs[look]}
      </span>
      {word}
      {isLate(batch) && (
        <span className="late">
          <span aria-hidden="true">{glyphs.late}</span> {t("late")}
        </span>
      )}
    </span>
  );
}
