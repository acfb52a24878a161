import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { To } from "../ui/link";
import { span } from "../ui/time";
import { useLang, useWords } from "../ui/words";
import { type Trend, lineThrough, trendOf } from "./trend";
import { words } from "./words";

const width = 220;
const height = 36;

/** How the last 30 batches that have ended have gone: how many were successful, how many late, and how long they took. */
export function RecentTrend({ name }: { name: string }) {
  const t = useWords(words);
  const lang = useLang();
  const { data } = useQuery({
    queryKey: ["batch", "ended", name],
    queryFn: ({ signal }) => body(api.GET("/api/v1/batches", { params: { query: { task: name, state: "done", latest: true, limit: 30 } }, signal })),
    select: (page) => trendOf(page.items ?? []),
  });
  if (!data || data.count === 0) return null;
  return (
    <dl className="facts tasks-trend">
      <div><dt>{t("successRate")}</dt><dd><Share part={data.successful} count={data.count} /></dd></div>
      <div><dt>{t("lateRate")}</dt><dd><Share part={data.late} count={data.count} />{data.late > 0 && <> <To to="/batches" search={{ task: name, range: "allTime", late: "true" }}>{t("whichLate")}</To></>}</dd></div>
      {data.durations.length > 0 && (
        <div>
          <dt>{t("recentDuration")}</dt>
          <dd>
            {t("half", { time: span(data.p50, lang) })} · {t("nineTenths", { time: span(data.p90, lang) })}
            {data.drift !== undefined && <div className="faint">{t(data.drift >= 0 ? "longer" : "shorter", { n: Math.abs(Math.round(data.drift * 100)) })}</div>}
          </dd>
        </div>
      )}
      {data.durations.length > 1 && <div><dt>{t("durations")}</dt><dd><Sparkline trend={data} /></dd></div>}
    </dl>
  );
}

function Share({ part, count }: { part: number; count: number }) {
  const t = useWords(words);
  return <>{Math.round((part / count) * 100)} % <span className="faint">{t("ofEnded", { n: part, count })}</span></>;
}

/** The durations as a line, with half of them below a dashed one. */
function Sparkline({ trend }: { trend: Trend }) {
  const t = useWords(words);
  const lang = useLang();
  const { durations, p50 } = trend;
  const most = Math.max(1, ...durations);
  const label = t("durationLine", { n: durations.length, least: span(Math.min(...durations), lang), most: span(most, lang), last: span(durations.at(-1) ?? 0, lang) });
  const middle = height - (p50 / most) * height;
  return (
    <svg role="img" aria-label={label} width={width} height={height + 4} viewBox={`0 -2 ${width} ${height + 4}`} className="tasks-spark">
      <title>{label}</title>
      <line x1="0" x2={width} y1={middle} y2={middle} />
      <polyline points={lineThrough(durations, width, height)} />
    </svg>
  );
}
