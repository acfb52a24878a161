import { useQueryClient } from "@tanstack/react-query";
import { Form, Input } from "antd";
import { type Api, api, body } from "../api/client";
import { AskAct } from "../ui/askact";
import { useWords } from "../ui/words";
import { clusterWords } from "./clusterwords";

type Said = { said: (sentence: string) => void };

function useDone(said: (sentence: string) => void) {
  const t = useWords(clusterWords);
  const queries = useQueryClient();
  return async (reply: Api["ClusterReply"]) => {
    said(t(reply.changed ? "changed" : "unchanged", { masters: (reply.masters ?? []).join(", ") }));
    await queries.invalidateQueries({ queryKey: ["cluster"] });
  };
}

/** Hands leadership to a master, or to the most up to date one. */
export function HandOver({ node, said, disabled }: Said & { node?: string; disabled: boolean }) {
  const t = useWords(clusterWords);
  const done = useDone(said);
  const title = node ? t("handTo", { node }) : t("handAny");
  const act = async (v: { reason?: string }) => done(await body(api.POST("/api/v1/cluster/transfer", { body: { node, reason: v.reason ?? "" } })));
  return (
    <AskAct action="cluster.change" label={node ? t("hand") : t("handAny")} of={node} title={title} verb={t("handVerb")} danger reason="required" button={{ disabled, size: node ? "small" : "middle" }} act={act}>
      <p>{node ? t("handText", { node }) : t("handAnyText")}</p>
    </AskAct>
  );
}

/** Takes a master out of the cluster for good. */
export function Remove({ node, said }: Said & { node: string }) {
  const t = useWords(clusterWords);
  const done = useDone(said);
  const title = t("removeNode", { node });
  const act = async (v: { reason?: string }) => done(await body(api.POST("/api/v1/cluster/members/{node}/remove", { params: { path: { node } }, body: { reason: v.reason ?? "" } })));
  return (
    <AskAct action="cluster.change" label={t("remove")} of={node} title={title} danger reason="required" phrase={node} phraseLabel={t("removePhrase", { node })} button={{ danger: true }} act={act}>
      <p>{t("removeText", { node })}</p>
    </AskAct>
  );
}

type Joining = { node: string; raft: string };

/** Takes a master in that was started to be. */
export function Join({ said }: Said) {
  const t = useWords(clusterWords);
  const done = useDone(said);
  const act = async (v: Joining & { reason?: string }) => done(await body(api.POST("/api/v1/cluster/members", { body: { node: v.node.trim(), raft: v.raft.trim(), reason: v.reason ?? "" } })));
  return (
    <AskAct<Joining> action="cluster.change" label={t("join")} title={t("joinTitle")} verb={t("joinVerb")} reason="required" button={{ size: "middle" }} act={act}>
      <p>{t("joinText")}</p>
      <Form.Item name="node" label={t("joinNode")} rules={[{ required: true, whitespace: true }]}>
        <Input autoComplete="off" />
      </Form.Item>
      <Form.Item name="raft" label={t("joinRaft")} rules={[{ required: true, whitespace: true }]}>
        <Input autoComplete="off" placeholder="m4:7400" />
      </Form.Item>
    </AskAct>
  );
}
