import { useQueryClient } from "@tanstack/react-query";
import { Alert, Form, Input } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { AskAct } from "../ui/askact";
import { To } from "../ui/link";
import { Mark } from "../ui/mark";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { useWords } from "../ui/words";
import { clusterWords } from "./clusterwords";
import { Parts } from "./parts";
import { words } from "./words";

type Group = Api["WorkerGroup"];
type Said = { said: (sentence: string) => void };

export default function Groups() {
  const t = useWords(words);
  const own = useWords(clusterWords);
  const [said, setSaid] = useState("");
  const list = usePagedList<Group>(["host", "groups"], (cursor, signal) => body(api.GET("/api/v1/worker-groups", { params: { query: { cursor, limit: 200 } }, signal })));
  return (
    <>
      <div className="head">
        <h1>{t("groups")}</h1>
        <span className="grow" />
        <Put said={setSaid} />
      </div>
      <Parts />
      <div role="status">{said !== "" && <Alert className="hosts-said" type="success" title={said} closable={{ onClose: () => setSaid("") }} />}</div>
      <ListTable label={t("groups")} columns={useColumns(setSaid)} {...list} idOf={(g) => g.name} empty={own("noGroups")} />
    </>
  );
}

function useColumns(said: (sentence: string) => void): Column<Group>[] {
  const t = useWords(clusterWords);
  return [
    { key: "name", title: t("group"), show: (g) => <To to="/hosts" search={{ group: g.name }}>{g.name}</To> },
    { key: "state", title: t("state"), show: (g) => <GroupState group={g} /> },
    { key: "workers", title: t("workers"), className: "num", show: (g) => g.workers },
    { key: "tasks", title: t("tasks"), className: "num", show: (g) => g.tasks },
    { key: "description", title: t("description"), show: (g) => g.description || "–" },
    {
      key: "actions", title: t("actions"), className: "nowrap",
      show: (g) => (
        <span className="hosts-buttons">
          <Turn group={g} said={said} to={g.enabled ? "disable" : "enable"} />
          <Put group={g} said={said} />
          <Turn group={g} said={said} to="delete" />
        </span>
      ),
    },
  ];
}

function GroupState({ group }: { group: Group }) {
  const t = useWords(clusterWords);
  return (
    <>
      {group.enabled ? <Mark glyph="✓" colour="ok" word={t("enabled")} /> : <Mark glyph="❚❚" colour="held" word={t("disabled")} />}{" "}
      {!group.declared && <span className="faint">({t("undeclared")})</span>}
    </>
  );
}

function useDone(said: (sentence: string) => void) {
  const queries = useQueryClient();
  return async (reply: Api["CommandReply"]) => {
    said(reply.message);
    await queries.invalidateQueries({ queryKey: ["host"] });
  };
}

type Fields = { name?: string; description?: string };

/** Declares a group, or describes one anew. */
function Put({ group, said }: Said & { group?: Group }) {
  const t = useWords(clusterWords);
  const done = useDone(said);
  const title = group ? t("describeName", { name: group.name }) : t("declare");
  const act = async (v: Fields & { reason?: string }) =>
    done(await body(api.POST("/api/v1/worker-groups/{name}", { params: { path: { name: group?.name ?? v.name?.trim() ?? "" } }, body: { description: v.description, reason: v.reason } })));
  return (
    <AskAct<Fields> action="group.edit" label={group ? t("describe") : t("declare")} of={group?.name} title={title} verb={group ? t("save") : t("declareVerb")} reason="optional" initial={{ description: group?.description }} button={{ size: group ? "small" : "middle" }} act={act}>
      {!group && (
        <Form.Item name="name" label={t("name")} rules={[{ required: true, whitespace: true }]}>
          <Input autoComplete="off" />
        </Form.Item>
      )}
      <Form.Item name="description" label={t("description")}>
        <Input />
      </Form.Item>
    </AskAct>
  );
}

type Verb = "enable" | "disable" | "delete";

const texts = {
  enable: ["enable", "enableName", "enableText"],
  disable: ["disable", "disableName", "disableText"],
  delete: ["remove2", "deleteName", "deleteText"],
} as const;

function send(verb: Verb, name: string, reason?: string) {
  const call = { params: { path: { name } }, body: { reason } };
  switch (verb) {
    case "enable": return api.POST("/api/v1/worker-groups/{name}/enable", call);
    case "disable": return api.POST("/api/v1/worker-groups/{name}/disable", call);
    case "delete": return api.POST("/api/v1/worker-groups/{name}/delete", call);
  }
}

/** Switches a group on or off, or takes it away. */
function Turn({ group, said, to }: Said & { group: Group; to: Verb }) {
  const t = useWords(clusterWords);
  const done = useDone(said);
  const [label, titled, text] = texts[to];
  const title = t(titled, { name: group.name });
  const hard = to !== "enable";
  return (
    <AskAct action="group.edit" label={t(label)} of={group.name} title={title} danger={hard} reason={hard ? "required" : "optional"} act={async (v) => done(await body(send(to, group.name, v.reason)))}>
      <p>{t(text, { n: group.workers })}</p>
    </AskAct>
  );
}
