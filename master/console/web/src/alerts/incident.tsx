import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Skeleton } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { Act } from "../ui/act";
import { Copy } from "../ui/copy";
import { Fact } from "../ui/fact";
import { To } from "../ui/link";
import { ListTable } from "../ui/table";
import { Span, Time } from "../ui/time";
import { TroubleBox } from "../ui/trouble";
import { useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { AskAck } from "./ack";
import "./alerts.css";
import { useAlertColumns } from "./history";
import { IncidentState } from "./incidents";
import { Kind } from "./kinds";
import { Messages } from "./messages";
import { LevelTag, Root } from "./parts";
import { words } from "./words";

type Incident = Api["IncidentDetail"];

/** An incident: also behind the short link that messages carry. */
export default function IncidentPage() {
  const t = useWords(words);
  const code = (useParams({ strict: false }) as { code?: string }).code ?? "";
  const [asking, setAsking] = useState(false);
  const q = useQuery({ queryKey: ["alert", "incident", code], queryFn: ({ signal }) => body(api.GET("/api/v1/incidents/{code}", { params: { path: { code } }, signal })) });
  const incident = q.data;
  return (
    <>
      <p className="faint"><To to="/alerts">{t("incidents")}</To></p>
      <div className="head">
        <h1>{t("incidentNo", { code: incident?.code ?? code })}</h1>
        {incident && <IncidentState incident={incident} />}
        {incident && <LevelTag level={incident.level} />}
        <span className="grow" />
        {incident && !incident.resolvedAt && <Act action="alert.ack" type={incident.ackBy ? "default" : "primary"} onClick={() => setAsking(true)}>{t("ack")}</Act>}
      </div>
      {q.error && <TroubleBox trouble={q.error} retry={() => void q.refetch()} stillShown={incident !== undefined} />}
      {!incident && !q.error && <Skeleton active />}
      {incident && <Shown incident={incident} />}
      <AskAck incident={asking ? incident : undefined} close={() => setAsking(false)} />
    </>
  );
}

function Shown({ incident }: { incident: Incident }) {
  const t = useWords(words);
  const go = useGo();
  return (
    <>
      <Facts incident={incident} />
      <h2>{t("newest")}</h2>
      <ListTable label={t("newest")} columns={useAlertColumns().filter((c) => c.key !== "incident")} rows={incident.alerts ?? []} idOf={(a) => String(a.id)} open={(a) => go(`/alerts/${a.id}`)} />
      {incident.next && <p><To to="/alerts" search={{ tab: "history", incident: incident.code }}>{t("moreAlerts")}</To></p>}
      <h2>{t("sent")}</h2>
      <Messages messages={incident.messages ?? []} empty={t("nothingSent")} />
      <p className="faint">{t(incident.moreMessages ? "moreSent" : "sentNote")}</p>
    </>
  );
}

function Facts({ incident }: { incident: Incident }) {
  const t = useWords(words);
  return (
    <dl className="facts alerts-box">
      <Fact name={t("root")}><Root incident={incident} /> <Copy text={incident.root} /></Fact>
      <Fact name={t("cause")}>{incident.cause ?? "–"}</Fact>
      <Fact name={t("kind")}><Kind kind={incident.kind} /></Fact>
      <Fact name={t("affected")}>{incident.affected}</Fact>
      <Fact name={t("opened")}><Time at={incident.openedAt} full /></Fact>
      <Fact name={t("lasted")}><Span from={incident.openedAt} to={incident.resolvedAt} /></Fact>
      {incident.resolvedAt && <Fact name={t("ended")}><Time at={incident.resolvedAt} full /></Fact>}
      <Fact name={t("lastAlert")}><Time at={incident.lastAlertAt} full /></Fact>
      <Fact name={t("told")}><Time at={incident.toldAt} full /></Fact>
      <Fact name={t("seenBy")}><SeenBy incident={incident} /></Fact>
    </dl>
  );
}

function SeenBy({ incident }: { incident: Incident }) {
  const t = useWords(words);
  if (!incident.ackBy) return <span className="faint">{t("notSeen")}</span>;
  return (
    <>
      ✓ {incident.ackBy} <Time at={incident.ackAt} /> {incident.ackNote && <q>{incident.ackNote}</q>}
      {!incident.resolvedAt && incident.quietUntil && <div className="faint">{t("quietUntil")} <Time at={incident.quietUntil} /></div>}
    </>
  );
}
