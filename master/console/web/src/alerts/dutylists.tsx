import { useQuery } from "@tanstack/react-query";
import { Select, Skeleton } from "antd";
import { api, body } from "../api/client";
import { useMe } from "../frame/session";
import { To } from "../ui/link";
import { ListTable } from "../ui/table";
import { TroubleBox } from "../ui/trouble";
import { useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { DayName, Gap } from "./dutyparts";
import { words } from "./dutywords";

/** The days on which the reader is on duty. */
export function Mine() {
  const t = useWords(words);
  const me = useMe().data?.user.name;
  const q = useQuery({ queryKey: ["duty", "mine"], queryFn: ({ signal }) => body(api.GET("/api/v1/duty/me", { signal })) });
  return (
    <>
      <p className="faint">{t("mineWhat")}</p>
      <ListTable
        label={t("mine")}
        rows={q.data && (q.data.items ?? [])}
        trouble={q.error}
        retry={() => void q.refetch()}
        idOf={(d) => `${d.day} ${d.department}`}
        empty={t("noMine")}
        columns={[
          { key: "day", title: t("day"), show: (d) => <DayName day={d.day} /> },
          { key: "department", title: t("department"), show: (d) => <To to="/duty" search={{ department: d.department, day: d.day }}>{d.department}</To> },
          { key: "role", title: t("role"), show: (d) => (d.primary?.name === me ? t("primary") : t("secondary")) },
          { key: "with", title: t("secondary"), show: (d) => (d.primary?.name === me ? d.secondary?.name : d.primary?.name) ?? "–" },
          { key: "note", title: t("note"), show: (d) => d.note ?? "" },
        ]}
      />
    </>
  );
}

const choices = [3, 7, 14, 30];

/** What is missing in the days to come, with what mends it. */
export function Gaps() {
  const t = useWords(words);
  const [url, set] = useUrl();
  const days = choices.find((n) => String(n) === url.days) ?? 7;
  const q = useQuery({ queryKey: ["duty", "gaps", days], queryFn: ({ signal }) => body(api.GET("/api/v1/duty/gaps", { params: { query: { days } }, signal })) });
  if (q.error && !q.data) return <TroubleBox trouble={q.error} retry={() => void q.refetch()} />;
  return (
    <>
      <div className="filters">
        <Select aria-label={t("gapDays")} value={days} onChange={(n) => set({ days: n === 7 ? undefined : String(n) })} style={{ width: 120 }} options={choices.map((n) => ({ value: n, label: t("ahead", { n }) }))} />
      </div>
      {!q.data && <Skeleton active title={false} />}
      {q.data && (
        <ListTable
          label={t("gapsOf")}
          rows={q.data.items ?? []}
          idOf={(g) => `${g.day} ${g.department} ${g.what} ${g.person ?? ""}`}
          empty={t("noGaps")}
          columns={[
            { key: "day", title: t("day"), show: (g) => <To to="/duty" search={{ of: g.department, on: g.day, day: g.day }}><DayName day={g.day} /></To> },
            { key: "department", title: t("department"), show: (g) => <>{g.department} {g.platform && <span className="faint">({t("platform")})</span>}</> },
            { key: "wrong", title: t("wrong"), show: (g) => <><Gap what={g.what} /> {g.person}</> },
            { key: "what", title: t("what"), show: (g) => <span className="alerts-text">{g.text}</span> },
          ]}
        />
      )}
      {q.data?.more && <p className="faint">{t("moreGaps")}</p>}
    </>
  );
}
