import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Skeleton } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { Act } from "../ui/act";
import { Ask } from "../ui/ask";
import { commonWords } from "../ui/commonwords";
import { Copy } from "../ui/copy";
import { Fact } from "../ui/fact";
import { To } from "../ui/link";
import { Span, Time } from "../ui/time";
import { TroubleBox } from "../ui/trouble";
import { useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { Asked } from "./asked";
import { useFailed } from "./failed";
import { Items } from "./items";
import "./operations.css";
import { KindName, OperationState, Progress, hasEnded, isCommand, useLeft } from "./progress";
import { words } from "./words";

type Operation = Api["Operation"];

/** One operation: who ordered it and why, how far it is, and each of its batches. */
export default function Detail() {
  const t = useWords(words);
  const common = useWords(commonWords);
  const { id: text } = useParams({ strict: false }) as { id: string };
  const id = Number(text);
  const one = useQuery({ queryKey: ["operation", id], queryFn: ({ signal }) => body(api.GET("/api/v1/operations/{id}", { params: { path: { id } }, signal })) });
  const left = useLeft(one.data);
  return (
    <>
      <div className="head">
        <To to="/operations">{t("operations")}</To>
        <h1>{t("operation", { id: text })}</h1>
        {one.data && <OperationState operation={one.data} />}
        <span className="grow" />
        {one.data && <Turns operation={one.data} />}
      </div>
      {one.error && <TroubleBox trouble={one.error} retry={() => void one.refetch()} stillShown={one.data !== undefined} />}
      {!one.data && !one.error && <Skeleton active title={false} paragraph={{ rows: 4 }} aria-label={common("loading")} />}
      {one.data && (
        <>
          <Progress operation={one.data} left={left} />
          <Facts operation={one.data} />
          {one.data.request && <Asked request={one.data.request} />}
          <h2>{t("batches")}</h2>
          <Items id={id} kind={one.data.kind} />
        </>
      )}
    </>
  );
}

function Facts({ operation: o }: { operation: Operation }) {
  const t = useWords(words);
  return (
    <dl className="facts operations-facts">
      <Fact name={t("kind")}><KindName kind={o.kind} /></Fact>
      <Fact name={t("author")}>{o.author}</Fact>
      <Fact name={t("reason")}>{o.reason || "–"}</Fact>
      <Fact name={t("created")}><Time at={o.createdAt} full /></Fact>
      <Fact name={t("ended")}><Time at={o.endedAt} full /></Fact>
      <Fact name={t("took")}><Span from={o.createdAt} to={o.endedAt} /></Fact>
      {o.requestId && <Fact name={t("request")}><code>{o.requestId}</code> <Copy text={o.requestId} /></Fact>}
      {!isCommand(o.kind) && (
        <Fact name={t("batches")}>
          <span className="pieces">
            <To to="/batches" search={{ operation: String(o.id), range: "allTime" }}>{t("itsBatches")}</To>
            {o.failed > 0 && <To to="/batches" search={{ operation: String(o.id), range: "allTime", state: "failed" }}>{t("itsFailed")}</To>}
          </span>
        </Fact>
      )}
    </dl>
  );
}

/** What may be done to an operation: stop it, go on with it, run again what failed. */
function Turns({ operation: o }: { operation: Operation }) {
  const t = useWords(words);
  const go = useGo();
  const failed = useFailed(o);
  const [asking, setAsking] = useState<"cancel" | "resume">();
  return (
    <span className="pieces">
      {failed.map(({ period, search }) => (
        <Act key={period} action="plan.make" onClick={() => go("/operations/rerun/new", search)}>
          {failed.length === 1 ? t("rerunFailed") : t("rerunFailedOf", { period })}
        </Act>
      ))}
      {o.state === "cancelled" && <Act action="plan.make" onClick={() => setAsking("resume")}>{t("resumeOp")}</Act>}
      {!hasEnded(o) && o.state !== "cancelled" && <Act action="plan.make" onClick={() => setAsking("cancel")}>{t("cancelOp")}</Act>}
      <Turn verb="cancel" id={o.id} open={asking === "cancel"} close={() => setAsking(undefined)} />
      <Turn verb="resume" id={o.id} open={asking === "resume"} close={() => setAsking(undefined)} />
    </span>
  );
}

type TurnProps = { verb: "cancel" | "resume"; id: number; open: boolean; close: () => void };

function Turn({ verb, id, open, close }: TurnProps) {
  const t = useWords(words);
  const queries = useQueryClient();
  async function act({ reason }: { reason?: string }) {
    const params = { params: { path: { id } }, body: { reason } };
    queries.setQueryData(["operation", id], await body(verb === "cancel" ? api.POST("/api/v1/operations/{id}/cancel", params) : api.POST("/api/v1/operations/{id}/resume", params)));
    void queries.invalidateQueries({ queryKey: ["operation"] });
  }
  return (
    <Ask open={open} close={close} act={act} title={t(`${verb}Title`, { id })} verb={t(`${verb}Verb`)} danger={verb === "cancel"} reason={verb === "cancel" ? "required" : "optional"}>
      <p>{t(`${verb}Text`)}</p>
    </Ask>
  );
}
