import { Skeleton, Tabs } from "antd";
import type { ReactNode } from "react";
import { useMay } from "../frame/session";
import { useKey } from "../ui/keys";
import { late } from "../ui/late";
import { TroubleBox } from "../ui/trouble";
import { useGo, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { AlertsTab } from "./alertstab";
import { Attempts } from "./attempts";
import { AuditTab } from "./audittab";
import { Depends } from "./depends";
import "./detail.css";
import { words } from "./detailwords";
import { Events } from "./events";
import { Head } from "./head";
import { Overview } from "./overview";
import { type Batch, useBatch, useWhy } from "./reads";
import { useRef } from "./ref";
import { Strip } from "./strip";
import { WhyTab } from "./why";

const Log = late(() => import("./log"));

const tabs = ["overview", "why", "depends", "attempts", "log", "events", "alerts", "audit"] as const;
type Tab = (typeof tabs)[number];

/** A batch: what it is, where it stands, and everything that is known about it. */
export default function Detail() {
  const ref = useRef();
  const batch = useBatch(ref);
  if (batch.data === undefined) return <NotYet refName={ref} trouble={batch.error} retry={() => void batch.refetch()} />;
  return (
    <>
      {batch.error !== null && <TroubleBox trouble={batch.error} retry={() => void batch.refetch()} stillShown />}
      <Known b={batch.data} />
    </>
  );
}

function NotYet({ refName, trouble, retry }: { refName: string; trouble: unknown; retry: () => void }) {
  const t = useWords(words);
  return (
    <>
      <div className="head"><h1>{refName}</h1></div>
      {trouble === null || trouble === undefined ? <Skeleton active aria-label={t("reading")} /> : <TroubleBox trouble={trouble} retry={retry} />}
    </>
  );
}

function Known({ b }: { b: Batch }) {
  const t = useWords(words);
  const go = useGo();
  const may = useMay();
  const why = useWhy(b.ref);
  const [url, set] = useUrl();
  const active = tabs.find((tab) => tab === url.tab) ?? "overview";
  const show = (tab: Tab) => set({ tab: tab === "overview" ? undefined : tab, q: undefined, at: undefined }, true);
  useKey("e", () => show("why"));
  useKey("l", () => show("log"));
  useKey("r", () => may("plan.make") && go("/operations/rerun/new", { batch: b.ref }));
  const content: Record<Tab, () => ReactNode> = {
    overview: () => <Overview b={b} why={why.data} />,
    why: () => <WhyTab b={b} why={why.data} trouble={why.error} retry={() => void why.refetch()} />,
    depends: () => <Depends b={b} />,
    attempts: () => <Attempts b={b} />,
    log: () => <Log b={b} />,
    events: () => <Events b={b} />,
    alerts: () => <AlertsTab b={b} />,
    audit: () => <AuditTab b={b} />,
  };
  return (
    <>
      <Head b={b} why={why.data} />
      <Strip b={b} why={why.data} />
      <Tabs
        activeKey={active}
        onChange={(tab) => show(tab as Tab)}
        items={tabs.map((tab) => ({ key: tab, label: t(tab), children: tab === active ? content[tab]() : null }))}
        destroyOnHidden
      />
    </>
  );
}
