import { useQueryClient } from "@tanstack/react-query";
import { Alert } from "antd";
import { useState } from "react";
import { type Api, api } from "../api/client";
import { Act } from "../ui/act";
import { Mark } from "../ui/mark";
import { type Column, ListTable } from "../ui/table";
import { Span, Time, span } from "../ui/time";
import { TroubleBox } from "../ui/trouble";
import { useLang, useWords } from "../ui/words";
import { clusterWords } from "./clusterwords";
import { Parts } from "./parts";
import { useCluster } from "./usecluster";
import { words } from "./words";

type Service = Api["Service"];

export default function Services() {
  const t = useWords(words);
  const own = useWords(clusterWords);
  const queries = useQueryClient();
  const cluster = useCluster();
  const [busy, setBusy] = useState("");
  const [said, setSaid] = useState("");
  const [trouble, setTrouble] = useState<unknown>();

  async function run(name: string) {
    setBusy(name);
    setTrouble(undefined);
    setSaid("");
    try {
      await api.POST("/api/v1/services/{name}/run", { params: { path: { name } } });
      setSaid(own("ran", { name }));
    } catch (error) {
      setTrouble(error);
    } finally {
      setBusy("");
      await queries.invalidateQueries({ queryKey: ["cluster"] });
    }
  }

  return (
    <>
      <div className="head">
        <h1>{t("services")}</h1>
      </div>
      <Parts />
      <div role="status">{said !== "" && <Alert className="hosts-said" type="success" title={said} closable={{ onClose: () => setSaid("") }} />}</div>
      {trouble !== undefined && <TroubleBox trouble={trouble} />}
      <ListTable label={t("services")} columns={useColumns(busy, (name) => void run(name))} rows={cluster.data?.services ?? undefined} idOf={(s) => s.name} trouble={cluster.error} retry={() => void cluster.refetch()} empty={own("noServices")} />
    </>
  );
}

function Outcome({ service: s }: { service: Service }) {
  const t = useWords(clusterWords);
  if (s.error) {
    return (
      <>
        <Mark glyph="✕" colour="failed" word={t("failed")} />
        <div className="hosts-error">{s.error}</div>
      </>
    );
  }
  if (s.startedAt && (s.endedAt ?? 0) < s.startedAt) return <Mark glyph="▶" colour="running" word={t("underWay")} />;
  if (!s.endedAt) return <Mark glyph="○" colour="waiting" word={t("notYet")} />;
  return <Mark glyph="✓" colour="ok" word={t("ok")} />;
}

const told = ["generate", "create", "depend", "paths", "quality", "assign", "timeout", "hosts", "repair", "monitor", "missing", "learn", "bigtask", "retention", "jobs", "roster", "report", "notice", "deliver"] as const;

function useColumns(busy: string, run: (name: string) => void): Column<Service>[] {
  const t = useWords(clusterWords);
  const lang = useLang();
  const does = (name: string) => {
    const known = told.find((n) => n === name);
    return known ? t(known) : "–";
  };
  return [
    { key: "name", title: t("service"), show: (s) => s.name },
    { key: "does", title: t("does"), show: (s) => does(s.name) },
    { key: "outcome", title: t("outcome"), show: (s) => <Outcome service={s} /> },
    { key: "last", title: t("last"), className: "nowrap", show: (s) => <Time at={s.startedAt} /> },
    { key: "took", title: t("took"), className: "num nowrap", show: (s) => (s.endedAt && s.startedAt && s.endedAt >= s.startedAt ? span(s.endedAt - s.startedAt, lang) : <Span from={s.startedAt} />) },
    { key: "rows", title: t("rows"), className: "num", show: (s) => s.rows },
    { key: "every", title: t("every"), className: "nowrap", show: (s) => (s.every ? span(s.every, lang) : t("atHours")) },
    { key: "success", title: t("success"), className: "nowrap", show: (s) => <Time at={s.succeededAt} /> },
    { key: "term", title: t("term"), className: "num", show: (s) => s.epoch },
    { key: "run", title: t("actions"), className: "nowrap", show: (s) => <Act action="service.run" size="small" style={{ minHeight: 24 }} aria-label={`${t("run")}: ${s.name}`} loading={busy === s.name} disabled={busy !== ""} onClick={() => run(s.name)}>{t("run")}</Act> },
  ];
}
