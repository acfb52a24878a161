import { Alert, Skeleton } from "antd";
import { type ComponentProps, useState } from "react";
import type { Api } from "../api/client";
import { To } from "../ui/link";
import { Mark } from "../ui/mark";
import { ListTable, type Column } from "../ui/table";
import { Span, Time } from "../ui/time";
import { TroubleBox } from "../ui/trouble";
import { enc } from "../ui/url";
import { useWords } from "../ui/words";
import { clusterWords } from "./clusterwords";
import { HandOver, Join, Remove } from "./members";
import { Facts, Parts } from "./parts";
import { useCluster } from "./usecluster";
import { words } from "./words";

type Cluster = Api["Cluster"];
type Member = Api["Member"];

const looks: Record<string, [glyph: string, colour: ComponentProps<typeof Mark>["colour"], word: "leads" | "claiming" | "follower" | "silent" | "unknown" | "gone"]> = {
  leader: ["★", "ok", "leads"], claiming: ["◔", "assigned", "claiming"], follower: ["✓", "ok", "follower"], silent: ["✕", "failed", "silent"], unknown: ["○", "waiting", "unknown"], gone: ["■", "killed", "gone"],
};

const millis = (micros: number) => (micros / 1000).toFixed(2);

export default function Masters() {
  const t = useWords(words);
  const cluster = useCluster();
  const [said, setSaid] = useState("");
  const several = (cluster.data?.masters ?? []).filter((m) => m.state !== "gone").length > 1;
  return (
    <>
      <div className="head">
        <h1>{t("masters")}</h1>
        <span className="grow" />
        <HandOver said={setSaid} disabled={!several} />
        <Join said={setSaid} />
      </div>
      <Parts />
      <div role="status">{said !== "" && <Alert className="hosts-said" type="success" title={said} closable={{ onClose: () => setSaid("") }} />}</div>
      {cluster.error && <TroubleBox trouble={cluster.error} retry={() => void cluster.refetch()} stillShown={cluster.data !== undefined} />}
      {cluster.isPending && <Skeleton active title={false} paragraph={{ rows: 6 }} />}
      {cluster.data && <Shown cluster={cluster.data} said={setSaid} />}
    </>
  );
}

function Shown({ cluster, said }: { cluster: Cluster; said: (sentence: string) => void }) {
  const t = useWords(clusterWords);
  return (
    <>
      {cluster.database.error && <Alert className="trouble" type="error" role="alert" showIcon title={t("databaseSilent", { error: cluster.database.error })} />}
      <ListTable label={t("cluster")} columns={useColumns(cluster, said)} rows={cluster.masters ?? []} idOf={(m) => m.node} empty={t("noMasters")} />
      <h2>{t("cluster")}</h2>
      <ClusterFacts c={cluster} />
    </>
  );
}

function ClusterFacts({ c }: { c: Cluster }) {
  const t = useWords(clusterWords);
  const members = (c.masters ?? []).filter((m) => m.state !== "gone");
  const heard = members.filter((m) => m.state !== "silent" && m.state !== "unknown").length;
  return (
    <Facts
      facts={[
        [t("leader"), c.leader ?? t("nobody")],
        [t("term"), c.epoch ? <span key="term">{c.epoch}, {t("since")} <Time at={c.since} full /> (<Span from={c.since} />)</span> : undefined],
        [t("raft"), c.raftTerm],
        [t("quorum"), t("quorumText", { quorum: c.quorum, all: members.length, heard })],
        [t("database"), c.database.error ? t("databaseSilent", { error: c.database.error }) : `${c.database.engine} ${c.database.version}, ${t("schema", { schema: c.database.schema })}, ${t("answersIn", { ms: millis(c.database.micros) })}`],
        [t("asked"), `${c.node} ${c.version}`],
        [t("cluster"), c.id ? <code key="id">{c.id}</code> : undefined],
        [t("canary"), c.canary ? <CanaryFact key="canary" canary={c.canary} /> : undefined],
      ]}
    />
  );
}

function CanaryFact({ canary }: { canary: Api["Canary"] }) {
  const t = useWords(clusterWords);
  const late = canary.level === "critical" || canary.level === "important";
  return (
    <span>
      <To to={`/tasks/${enc(canary.task)}`}>{canary.task}</To>: {late ? <strong>✕ {t(canary.level as "important")}</strong> : t("canaryFine")}
      {canary.dueAt ? <> {t("canaryDue")} <Time at={canary.dueAt} /></> : null} {canary.text}
    </span>
  );
}

function Role({ member }: { member: Member }) {
  const t = useWords(clusterWords);
  const [glyph, colour, word] = looks[member.state] ?? ["○", "waiting", "unknown"];
  return (
    <>
      <Mark glyph={glyph} colour={colour} word={t(word)} />
      {member.refused && <div className="hosts-error">{t("refused", { why: member.refused })}</div>}
    </>
  );
}

function useColumns(cluster: Cluster, said: (sentence: string) => void): Column<Member>[] {
  const t = useWords(clusterWords);
  return [
    { key: "node", title: t("node"), show: (m) => m.node },
    { key: "role", title: t("role"), show: (m) => <Role member={m} /> },
    { key: "seen", title: t("seen"), className: "num nowrap", show: (m) => <Span from={m.lastSeen} /> },
    { key: "started", title: t("started"), className: "nowrap", show: (m) => <Time at={m.startedAt} /> },
    { key: "lag", title: t("lag"), className: "num", show: (m) => m.lag },
    { key: "clock", title: t("clock"), className: "num nowrap", show: (m) => <span title={t("clockText", { ms: m.clockOffset })}>{`${m.clockOffset} ms`}</span> },
    { key: "database", title: t("databaseTime"), className: "num nowrap", show: (m) => (m.databaseMicros ? `${millis(m.databaseMicros)} ms` : "–") },
    { key: "version", title: t("version"), show: (m) => m.version ?? "–" },
    { key: "api", title: t("api"), show: (m) => <code>{m.address ?? "–"}</code> },
    { key: "raft", title: t("raftPort"), show: (m) => <code>{m.raft ?? "–"}</code> },
    {
      key: "actions", title: t("actions"), className: "nowrap",
      show: (m) => (
        <span className="hosts-buttons">
          <HandOver node={m.node} said={said} disabled={m.node === cluster.leader || m.state !== "follower"} />
          <Remove node={m.node} said={said} />
        </span>
      ),
    },
  ];
}
