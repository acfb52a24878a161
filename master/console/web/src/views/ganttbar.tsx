import { useZone } from "../frame/session";
import { commonWords } from "../ui/commonwords";
import { To } from "../ui/link";
import { lookOf } from "../ui/states";
import { StateTag } from "../ui/statetag";
import { Span, inZone, span } from "../ui/time";
import { enc } from "../ui/url";
import { useLang, useWords } from "../ui/words";
import type { Bar } from "./ganttrows";
import { words } from "./words";

/** The chosen bar: how long its batch waited and ran, and where one can go from it. */
export function GanttBar({ bar }: { bar?: Bar }) {
  const t = useWords(words);
  if (!bar) return <div className="views-bar faint">{t("chooseBar")}</div>;
  const b = bar.batch;
  const page = `/batches/${enc(b.ref)}`;
  return (
    <div className="views-bar">
      <To to={page}><code>{b.ref}</code></To>
      <StateTag batch={b} />
      <span>{t("waited")} <Span from={bar.from} to={bar.ranFrom ?? bar.end} /></span>
      <span>{t("ran")} <Span from={bar.ranFrom} to={bar.end} /></span>
      {b.host && <To to={`/hosts/${enc(b.host)}`}>{b.host}</To>}
      <To to={page} search={{ tab: "why" }}>{t("why")}</To>
      <To to={page} search={{ tab: "log" }}>{t("log")}</To>
      <To to="/operations/rerun/new" search={{ batch: b.ref }} className="views-button">{t("rerunOne")}</To>
    </div>
  );
}

/** A function that says in words what a bar shows. */
function useBarWords() {
  const t = useWords(words);
  const common = useWords(commonWords);
  const lang = useLang();
  const zone = useZone();
  return (bar: Bar): string => {
    const state = common(bar.batch.finish === "lost" ? "lost" : lookOf(bar.batch));
    const times = `${inZone(bar.ranFrom ?? bar.from, zone).slice(5)} – ${bar.end ? inZone(bar.end, zone).slice(11) : t("now")}`;
    const ran = bar.ranFrom && bar.end ? `, ${t("ran")} ${span(bar.end - bar.ranFrom, lang)}` : "";
    return `${state}, ${times}${ran}`;
  };
}

/** Says which bar is chosen to who does not see it. */
export function SpokenBar({ bar }: { bar?: Bar }) {
  const say = useBarWords();
  return <div className="views-spoken" aria-live="polite">{bar && `${bar.batch.ref}, ${say(bar)}`}</div>;
}

type TipProps = { bar: Bar; left: number; top: number; box: HTMLDivElement | null };

/** What is under the pointer. */
export function GanttTip({ bar, left, top, box }: TipProps) {
  const say = useBarWords();
  const names = box?.querySelector<HTMLElement>(".views-names")?.offsetWidth ?? 0;
  const width = box?.clientWidth ?? 0;
  const below = top + 80 < (box?.clientHeight ?? 0);
  return (
    <div className="views-tip" aria-hidden="true" style={{ left: Math.max(8, Math.min(names + left + 12, width - 320)), top: below ? top + 16 : top - 62 }}>
      <code>{bar.batch.ref}</code>
      <br />
      {say(bar)}
    </div>
  );
}
