import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Alert, Button, Select } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { bytes } from "../ui/bytes";
import { FilterText } from "../ui/filtertext";
import { To } from "../ui/link";
import { type Column, ListTable } from "../ui/table";
import { Span } from "../ui/time";
import { type Search, enc, useGo, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { HostReason, HostTag, load, position } from "./hoststate";
import { Parts } from "./parts";
import { Switches } from "./switch";
import { words } from "./words";

type Host = Api["Host"];

const filters = ["on", "off", "silent"] as const;

function matches(h: Host, url: Search): boolean {
  if (url.q && !h.host.toLowerCase().includes(url.q.toLowerCase())) return false;
  if (url.group && h.group !== url.group) return false;
  if (url.state === "silent") return !h.alive;
  if (url.state === "on") return h.alive && position(h) === "on";
  return url.state !== "off" || position(h) !== "on";
}

const orders = {
  name: (a: Host, b: Host) => a.host.localeCompare(b.host, "en", { numeric: true }),
  load: (a: Host, b: Host) => b.vitals.load - a.vitals.load,
  memory: (a: Host, b: Host) => a.vitals.freeMemory - b.vitals.freeMemory,
  disk: (a: Host, b: Host) => a.vitals.freeDisk - b.vitals.freeDisk,
  busy: (a: Host, b: Host) => load(b) - load(a),
  seen: (a: Host, b: Host) => a.lastCheckAt - b.lastCheckAt,
};
type Order = keyof typeof orders;

const orderOf = (url: Search): Order => (url.sort !== undefined && url.sort in orders ? (url.sort as Order) : "name");

export default function List() {
  const t = useWords(words);
  const go = useGo();
  const [url, set] = useUrl();
  const [said, setSaid] = useState("");
  // Heartbeats and vitals make no events; they come about every 15 s.
  const hosts = useQuery({ queryKey: ["host", "list"], queryFn: ({ signal }) => body(api.GET("/api/v1/hosts", { signal })), refetchInterval: 10_000, placeholderData: keepPreviousData });
  const all = hosts.data?.items ?? undefined;
  const cleared = { q: undefined, group: undefined, state: undefined };
  return (
    <>
      <div className="head">
        <h1>{t("workers")}</h1>
      </div>
      <Parts />
      <Filters url={url} set={set} groups={[...new Set((all ?? []).map((h) => h.group))].sort()} />
      <div role="status">{said !== "" && <Alert className="hosts-said" type="success" title={said} closable={{ onClose: () => setSaid("") }} />}</div>
      <ListTable
        label={t("workers")}
        columns={useColumns(setSaid)}
        rows={all?.filter((h) => matches(h, url)).sort(orders[orderOf(url)])}
        idOf={(h) => h.host}
        trouble={hosts.error}
        retry={() => void hosts.refetch()}
        open={(h) => go(`/hosts/${enc(h.host)}`)}
        empty={all?.length === 0 ? <p>{t("none")}</p> : <><p>{t("noMatch")}</p><Button onClick={() => set(cleared)}>{t("clear")}</Button></>}
      />
    </>
  );
}

function Filters({ url, set, groups }: { url: Search; set: (patch: Search) => void; groups: string[] }) {
  const t = useWords(words);
  return (
    <div className="filters" role="search">
      <FilterText name="q" label={t("filterHost")} />
      <Select aria-label={t("byState")} value={url.state ?? ""} onChange={(state) => set({ state: state || undefined })} style={{ minWidth: 120 }} options={[{ value: "", label: t("anyState") }, ...filters.map((f) => ({ value: f, label: t(`${f}Filter`) }))]} />
      <Select aria-label={t("byGroup")} value={url.group ?? ""} onChange={(group) => set({ group: group || undefined })} style={{ minWidth: 120 }} options={[{ value: "", label: t("anyGroup") }, ...groups.map((g) => ({ value: g, label: g }))]} />
      <Select aria-label={t("order")} value={orderOf(url)} onChange={(sort) => set({ sort: sort === "name" ? undefined : sort })} style={{ minWidth: 150 }} options={(Object.keys(orders) as Order[]).map((o) => ({ value: o, label: t(`${o}First`) }))} />
    </div>
  );
}

/** Slots that are taken, as a bar and in figures. */
function Slots({ host }: { host: Host }) {
  const t = useWords(words);
  const used = load(host);
  const part = host.slots > 0 ? Math.min(1, used / host.slots) : 0;
  return (
    <span className="nowrap" title={`${host.running} ${t("running")}, ${host.assigned} ${t("assigned")}, ${t("slotsFree", { free: Math.max(0, host.slots - used) })}`}>
      <span className="hosts-meter" aria-hidden="true">
        <i className={part === 1 ? "full" : ""} style={{ width: `${part * 100}%` }} />
      </span>
      {t("ofSlots", { used, slots: host.slots })}
    </span>
  );
}

function useColumns(said: (sentence: string) => void): Column<Host>[] {
  const t = useWords(words);
  return [
    { key: "host", title: t("worker"), show: (h) => <To to={`/hosts/${enc(h.host)}`}>{h.host}</To> },
    { key: "state", title: t("state"), show: (h) => <HostTag host={h} /> },
    { key: "reason", title: t("reason"), show: (h) => <HostReason host={h} /> },
    { key: "actions", title: t("actions"), className: "nowrap", show: (h) => <Switches host={h} said={said} /> },
    { key: "group", title: t("group"), show: (h) => <To to="/hosts" search={{ group: h.group }}>{h.group}</To> },
    { key: "slots", title: t("slots"), className: "nowrap", show: (h) => <Slots host={h} /> },
    { key: "load", title: t("load"), className: "num", show: (h) => h.vitals.load.toFixed(2) },
    { key: "memory", title: t("memory"), className: "num nowrap", show: (h) => bytes(h.vitals.freeMemory) },
    { key: "disk", title: t("disk"), className: "num nowrap", show: (h) => bytes(h.vitals.freeDisk) },
    { key: "seen", title: t("seen"), className: "num nowrap", show: (h) => <Span from={h.lastCheckAt} /> },
    { key: "version", title: t("version"), show: (h) => h.version },
  ];
}
