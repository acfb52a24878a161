import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Skeleton } from "antd";
import { type Api, api, body } from "../api/client";
import { Fact } from "../ui/fact";
import { To } from "../ui/link";
import { SmallTable } from "../ui/smalltable";
import { Time } from "../ui/time";
import { TroubleBox } from "../ui/trouble";
import { enc } from "../ui/url";
import { useLang, useWords } from "../ui/words";
import "./alerts.css";
import { Told } from "./history";
import { Kind } from "./kinds";
import { useMessageColumns } from "./messages";
import { LevelTag, ObjectLink } from "./parts";
import { words } from "./words";

/** An alert, with whom is told of it. */
export default function AlertPage() {
  const t = useWords(words);
  const lang = useLang();
  const id = Number((useParams({ strict: false }) as { id?: string }).id);
  const q = useQuery({
    queryKey: ["alert", "deliveries", id, lang],
    queryFn: ({ signal }) => body(api.GET("/api/v1/alerts/{id}/deliveries", { params: { path: { id }, query: { lang } }, signal })),
  });
  return (
    <>
      <p className="faint"><To to="/alerts" search={{ tab: "history" }}>{t("history")}</To></p>
      <div className="head"><h1>{t("alertNo", { id })}</h1></div>
      {q.error && <TroubleBox trouble={q.error} retry={() => void q.refetch()} stillShown={q.data !== undefined} />}
      {!q.data && !q.error && <Skeleton active />}
      {q.data && <Shown data={q.data} />}
    </>
  );
}

function Shown({ data }: { data: Api["AlertDeliveries"] }) {
  const t = useWords(words);
  const { alert } = data;
  const columns = useMessageColumns<Api["AlertDelivery"]>((d) => d.message);
  columns.splice(2, 0, { key: "rule", title: t("rule"), show: (d) => <>{d.because} <code className="faint">{d.rule}</code></> });
  return (
    <>
      <div className="alerts-box"><span className="alerts-text" style={{ maxWidth: "none" }}>{alert.text}</span></div>
      <Facts alert={alert} />
      <h2>{t("deliveries")}</h2>
      <SmallTable label={t("deliveries")} rows={data.items ?? []} idOf={(d) => String(d.message.id)} columns={columns} empty={<WhyNobody alert={alert} />} />
      {data.more && <p className="faint">{t("moreDeliveries")}</p>}
      <p>
        <To to="/alerts" search={{ tab: "explain", task: alert.task, kind: alert.kind, level: alert.level }}>{t("explain")}</To>
      </p>
    </>
  );
}

function Facts({ alert }: { alert: Api["Alert"] }) {
  const t = useWords(words);
  return (
    <dl className="facts alerts-box">
      <Fact name={t("level")}><LevelTag level={alert.level} /></Fact>
      <Fact name={t("kind")}><Kind kind={alert.kind} /> <code className="faint">{alert.kind}</code></Fact>
      <Fact name={t("object")}><ObjectLink alert={alert} /></Fact>
      <Fact name={t("occurrence")}>{alert.occurrence}</Fact>
      {alert.task && <Fact name={t("taskName")}><To to={`/tasks/${enc(alert.task)}`}>{alert.task}</To></Fact>}
      <Fact name={t("incident")}>{alert.incident ? <To to={`/incidents/${enc(alert.incident)}`} className="mono">{alert.incident}</To> : "–"}</Fact>
      <Fact name={t("raisedBy")}>{alert.raisedBy ?? t("cluster")}</Fact>
      <Fact name={t("toldState")}><Told alert={alert} /></Fact>
      {alert.silence && <Fact name={t("silences")}><To to="/alerts" search={{ tab: "silences", ended: "true" }}>{t("silenceNo", { id: alert.silence })}</To></Fact>}
      <Fact name={t("recorded")}><Time at={alert.createdAt} full /></Fact>
      <Fact name={t("dealt")}><Time at={alert.dealtAt} full /></Fact>
      <Fact name={t("first")}><Time at={alert.deliveredAt} full /></Fact>
    </dl>
  );
}

function WhyNobody({ alert }: { alert: Api["Alert"] }) {
  const t = useWords(words);
  if (alert.silence) return t("whySilence");
  if (!alert.dealtAt) return t("whyUndecided");
  return t(alert.incident ? "whyIncident" : "whyNobody");
}
