import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Alert, Skeleton } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { bytes } from "../ui/bytes";
import { commonWords } from "../ui/commonwords";
import { To } from "../ui/link";
import { SmallTable } from "../ui/smalltable";
import { glyphs } from "../ui/states";
import { type Column, ListTable } from "../ui/table";
import { Span, Time, span } from "../ui/time";
import { TroubleBox } from "../ui/trouble";
import { enc, useGo } from "../ui/url";
import { useLang, useWords } from "../ui/words";
import { features } from "./features";
import { HostReason, HostTag, load } from "./hoststate";
import { Facts, Parts } from "./parts";
import { Switches } from "./switch";
import { words } from "./words";

type Detail = Api["HostDetail"];
type OnIt = Api["HostBatch"];
type Loss = Api["HostLoss"];

export default function Host() {
  const t = useWords(words);
  const { host } = useParams({ strict: false }) as { host: string };
  const [said, setSaid] = useState("");
  // Heartbeats and vitals make no events; they come about every 15 s.
  const detail = useQuery({ queryKey: ["host", "detail", host], queryFn: ({ signal }) => body(api.GET("/api/v1/hosts/{host}", { params: { path: { host } }, signal })), refetchInterval: 10_000 });
  return (
    <>
      <div className="head">
        <h1>{host}</h1>
        {detail.data && <HostTag host={detail.data} />}
        <span className="grow" />
        {detail.data && <Switches host={detail.data} said={setSaid} />}
      </div>
      <Parts />
      <div role="status">{said !== "" && <Alert className="hosts-said" type="success" title={said} closable={{ onClose: () => setSaid("") }} />}</div>
      {detail.error && <TroubleBox trouble={detail.error} retry={() => void detail.refetch()} stillShown={detail.data !== undefined} />}
      {detail.isPending && <Skeleton active title={false} paragraph={{ rows: 6 }} />}
      {detail.data && <Shown detail={detail.data} />}
      <p>
        <To to="/batches" search={{ host, range: "week" }}>{t("allBatches")}</To>
      </p>
    </>
  );
}

function Shown({ detail }: { detail: Detail }) {
  const t = useWords(words);
  const { can, cannot } = features(detail.features ?? [], t);
  return (
    <>
      <h2>{t("facts")}</h2>
      <HostFacts h={detail} />
      <h2>{t("onIt")}</h2>
      <OnItNow rows={detail.batches ?? []} />
      <h2>{t("takenAway")}</h2>
      <TakenAway rows={detail.takenAway ?? []} />
      <div className="hosts-lists">
        <Sentences title={t("enforces")} list={can} />
        <Sentences title={t("lacks")} list={cannot} />
      </div>
    </>
  );
}

function HostFacts({ h }: { h: Detail }) {
  const t = useWords(words);
  const lang = useLang();
  const off = h.stopped || h.groupOff || h.deadAt;
  const labels = Object.entries(h.labels ?? {}).map(([name, value]) => `${name}=${value}`).join(", ");
  return (
    <Facts
      facts={[
        [t("reason"), off ? <HostReason host={h} /> : undefined],
        [t("group"), h.group],
        [t("labels"), labels],
        [t("slots"), `${t("ofSlots", { used: load(h), slots: h.slots })} (${h.running} ${t("running")}, ${h.assigned} ${t("assigned")})`],
        [t("load"), h.loadLimit ? `${h.vitals.load.toFixed(2)}, ${t("limit", { limit: h.loadLimit.toFixed(2) })}` : h.vitals.load.toFixed(2)],
        [t("memoryAll"), t("ofMemory", { free: bytes(h.vitals.freeMemory), all: bytes(h.vitals.memory) })],
        [t("reserved"), h.reserved > 0 ? bytes(h.reserved) : "–"],
        [t("disk"), bytes(h.vitals.freeDisk)],
        [t("seen"), <span key="seen"><Span from={h.lastCheckAt} /> <span className="faint">({t("silentAfter", { span: span(h.checkInterval, lang) })})</span></span>],
        [t("lease"), h.leaseMillis ? t("leaseText", { span: span(h.leaseMillis, lang) }) : undefined],
        [t("started"), <Time key="started" at={h.startedAt} full />],
        [t("version"), h.version],
        [t("address"), <code key="address">{h.address}</code>],
        [t("root"), <code key="root">{h.incarnation}</code>],
        [t("known"), h.knownAt ? <Time at={h.knownAt} full /> : undefined],
      ]}
    />
  );
}

function OnItNow({ rows }: { rows: OnIt[] }) {
  const t = useWords(words);
  const common = useWords(commonWords);
  const go = useGo();
  const look = (b: OnIt) => (b.state === "running" ? "running" : "assigned");
  const columns: Column<OnIt>[] = [
    { key: "ref", title: t("batch"), show: (b) => <To to={`/batches/${enc(b.ref)}`}>{b.ref}</To> },
    { key: "state", title: t("state"), show: (b) => <span className={`state state-${look(b)}`}><span aria-hidden="true" className="glyph">{glyphs[look(b)]}</span>{common(look(b))}</span> },
    { key: "attempt", title: t("attempt"), className: "num", show: (b) => b.attempt },
    { key: "since", title: t("begun"), className: "nowrap", show: (b) => <><Time at={b.since} /> <span className="faint">(<Span from={b.since} />)</span></> },
    { key: "memory", title: t("reserved"), className: "num nowrap", show: (b) => (b.memory > 0 ? bytes(b.memory) : "–") },
  ];
  if (rows.length === 0) return <p className="faint">{t("nothingOnIt")}</p>;
  return <ListTable label={t("onIt")} columns={columns} rows={rows} idOf={(b) => b.ref} open={(b) => go(`/batches/${enc(b.ref)}`)} />;
}

function TakenAway({ rows }: { rows: Loss[] }) {
  const t = useWords(words);
  const columns: Column<Loss>[] = [
    { key: "ref", title: t("batch"), show: (l) => <To to={`/batches/${enc(l.ref)}`}>{l.ref}</To> },
    { key: "attempt", title: t("attempt"), className: "num", show: (l) => l.attempt },
    { key: "at", title: t("at"), className: "nowrap", show: (l) => <Time at={l.at} /> },
    { key: "to", title: t("to"), show: (l) => (l.newHost ? <To to={`/hosts/${enc(l.newHost)}`}>{l.newHost}</To> : t("waitedAgain")) },
    { key: "why", title: t("why"), show: (l) => l.reason },
  ];
  // j and k belong to the table above: one page has one place that they move.
  return <SmallTable label={t("takenAway")} columns={columns} rows={rows} idOf={(l) => `${l.ref} ${l.attempt} ${l.at}`} empty={t("nothingTaken")} />;
}

function Sentences({ title, list }: { title: string; list: string[] }) {
  if (list.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <ul>{list.map((sentence) => <li key={sentence}>{sentence}</li>)}</ul>
    </section>
  );
}
