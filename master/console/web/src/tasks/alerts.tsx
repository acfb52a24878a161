import { useQuery } from "@tanstack/react-query";
import { Select, Skeleton } from "antd";
import { useUrl } from "../ui/url";
import { type Api, api, body } from "../api/client";
import { commonWords } from "../ui/commonwords";
import { To } from "../ui/link";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { TroubleBox } from "../ui/trouble";
import { enc, useGo } from "../ui/url";
import { useLang, useWords } from "../ui/words";
import { Rights } from "./rights";
import { words } from "./words";

type Alert = Api["Alert"];

/** The alerts about a task, who would be told of one, and who hears of them by a right. */
export function Alerts({ name }: { name: string }) {
  const t = useWords(words);
  return (
    <>
      <h2>{t("recentAlerts")}</h2>
      <Recent name={name} />
      <h2>{t("whoIsTold")}</h2>
      <Explained name={name} />
      <h2>{t("rights")}</h2>
      <Rights name={name} />
    </>
  );
}

function Recent({ name }: { name: string }) {
  const t = useWords(words);
  const go = useGo();
  const list = usePagedList<Alert>(["alert", "task", name], (cursor, signal) => body(api.GET("/api/v1/alerts", { params: { query: { task: name, limit: 20, cursor } }, signal })));
  const level: Record<string, string> = { critical: t("critical"), important: t("important"), notice: t("notice"), task: t("taskLevel") };
  const columns: Column<Alert>[] = [
    { key: "at", title: t("at"), className: "nowrap", show: (a) => <To to={`/alerts/${a.id}`}><Time at={a.createdAt} full /></To> },
    { key: "level", title: t("level"), show: (a) => level[a.level] ?? a.level },
    { key: "kind", title: t("kind"), show: (a) => <code>{a.kind}</code> },
    { key: "text", title: t("text"), show: (a) => a.text },
    { key: "incident", title: t("incident"), show: (a) => (a.incident ? <To to={`/incidents/${enc(a.incident)}`}>{a.incident}</To> : "–") },
  ];
  return <ListTable label={t("recentAlerts")} columns={columns} {...list} idOf={(a) => String(a.id)} open={(a) => go(`/alerts/${a.id}`)} empty={t("noAlerts")} />;
}

const kinds = ["batch-failed", "depend-timeout", "output-timeout", "attempt-stalled", "attempt-over-memory"];

function Explained({ name }: { name: string }) {
  const t = useWords(words);
  const common = useWords(commonWords);
  const lang = useLang();
  const [url, set] = useUrl();
  const kind = kinds.includes(url.kind ?? "") ? url.kind : undefined;
  const answer = useQuery({
    queryKey: ["task", "told", name, kind, lang],
    queryFn: ({ signal }) => body(api.POST("/api/v1/alerts/explain", { body: { task: name, kind, lang }, signal })),
  });
  return (
    <>
      <div className="filters">
        <Select aria-label={t("kindOfAlert")} value={kind ?? ""} onChange={(k) => set({ kind: k || undefined })} style={{ minWidth: 200 }} options={[{ value: "", label: t("anyKind") }, ...kinds.map((k) => ({ value: k, label: k }))]} />
      </div>
      {answer.error && <TroubleBox trouble={answer.error} retry={() => void answer.refetch()} stillShown={answer.data !== undefined} />}
      {answer.isPending && <Skeleton active title={false} aria-label={common("loading")} />}
      {answer.data && <Explanation told={answer.data} />}
    </>
  );
}

function Explanation({ told }: { told: Api["AlertExplanation"] }) {
  const t = useWords(words);
  const channel = (name: string) => (name === "phone" ? t("phone") : name === "sms" ? t("sms") : name === "mail" ? t("mail") : name);
  const toldColumns: Column<Api["AlertTold"]>[] = [
    { key: "who", title: t("who"), show: (p) => (p.title ? `${p.title} (${p.user ?? ""})` : (p.user ?? p.department ?? "–")) },
    { key: "channel", title: t("channel"), show: (p) => channel(p.channel) },
    { key: "address", title: t("address"), show: (p) => p.address },
    { key: "because", title: t("because"), show: (p) => p.because },
  ];
  const untoldColumns: Column<Api["AlertUntold"]>[] = [
    { key: "who", title: t("who"), show: (p) => p.user ?? "–" },
    { key: "channel", title: t("channel"), show: (p) => channel(p.channel) },
    { key: "why", title: t("whyNot"), show: (p) => p.why },
    { key: "because", title: t("because"), show: (p) => p.because },
  ];
  const untold = told.untold ?? [];
  return (
    <>
      <ListTable label={t("whoIsTold")} columns={toldColumns} rows={told.told ?? []} idOf={(p) => `${p.channel} ${p.address} ${p.rule}`} empty={t("nobodyTold")} />
      {untold.length > 0 && (
        <>
          <h3 className="tasks-h3">{t("cannotBeTold")}</h3>
          <ListTable label={t("cannotBeTold")} columns={untoldColumns} rows={untold} idOf={(p) => `${p.channel} ${p.user ?? ""} ${p.rule}`} />
        </>
      )}
    </>
  );
}
