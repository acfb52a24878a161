import { commonWords } from "../ui/commonwords";
import { type Look, glyphs } from "../ui/states";
import { useWords } from "../ui/words";

const looks: Look[] = ["waiting", "assigned", "running", "ok", "failed", "killed", "skipped"];

/** What the glyphs and colours of a picture stand for. */
export function Legend({ late = true }: { late?: boolean }) {
  const t = useWords(commonWords);
  return (
    <span className="pieces views-legend">
      {looks.map((look) => (
        <span key={look} className={`state state-${look}`}>
          <span className="glyph" aria-hidden="true">{glyphs[look]}</span>
          {t(look)}
        </span>
      ))}
      {late && <span className="state"><span className="views-late" aria-hidden="true" />{t("late")}</span>}
    </span>
  );
}
