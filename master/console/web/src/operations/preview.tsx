import { Alert, Button, Segmented } from "antd";
import { useMemo, useState } from "react";
import type { Api, Trouble } from "../api/client";
import { useZone } from "../frame/session";
import { inZone, span } from "../ui/time";
import { useUrl } from "../ui/url";
import { useLang, useWords } from "../ui/words";
import { PlanFile } from "./planfile";
import { PlanRows } from "./planrows";
import { planWords } from "./planwords";
import { type Item, type Run, type Shown, filterItems, runsOf, shownKinds, warned, workOf } from "./runs";

type Plan = Api["Plan"];

/** Sums a plan up in the words of the command line. */
export function Summary({ plan }: { plan: Plan }) {
  const t = useWords(planWords);
  const zone = useZone();
  const lang = useLang();
  const { create, change, skip, block } = plan.counts;
  const text = t("summary", { id: plan.id, create: create + change, skip, block });
  const work = workOf(plan.items ?? []);
  const worded = work > 0 ? t("summaryWork", { text, time: span(work, lang) }) : text;
  return (
    <>
      <p className="operations-summary" role="status">
        {t("whole", { text: worded, time: inZone(plan.expiresAt, zone) })}
      </p>
      {(plan.warnings ?? []).map((w) => <p key={w} className="operations-warning">{t("warning")} {w}</p>)}
    </>
  );
}

/** Why a plan was not applied, batch by batch. */
export function StaleNotice({ stale }: { stale: Trouble }) {
  const t = useWords(planWords);
  return (
    <Alert
      type="warning"
      role="alert"
      showIcon
      className="trouble"
      title={t("staleTitle")}
      description={
        <>
          {stale.message}
          <ul className="operations-difference">{stale.difference.map((line) => <li key={line}><code>{line}</code></li>)}</ul>
        </>
      }
    />
  );
}

function linesOf(items: Item[], each: boolean): Run[] {
  return each ? items.map((item) => ({ first: item, last: item, count: 1 })) : runsOf(items);
}

function sumOf(plan: Plan): { counts: Record<Shown, number>; cascade: boolean } {
  const items = plan.items ?? [];
  const { create, skip, block } = plan.counts;
  return { counts: { all: items.length, create, skip, block, warned: items.filter(warned).length }, cascade: items.some((item) => (item.level ?? 0) > 0) };
}

const named = (names: string[]) => names.slice(0, 3).join(", ") + (names.length > 3 ? ` + ${names.length - 3}` : "");

type Props = { plan: Plan; exclude: (names: string[]) => void };

/** Every batch of a plan with its decision; what is shown of it is in the address. */
export function Preview({ plan, exclude }: Props) {
  const t = useWords(planWords);
  const [url, set] = useUrl();
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const shown = shownKinds.find((s) => s === url.show) ?? "all";
  const each = url.lines === "each";
  const items = useMemo(() => filterItems(plan.items ?? [], shown), [plan, shown]);
  const runs = useMemo(() => linesOf(items, each), [items, each]);
  const { counts, cascade } = useMemo(() => sumOf(plan), [plan]);
  return (
    <>
      <div className="filters">
        <Segmented className="operations-show" aria-label={t("showHint")} value={shown} onChange={(s) => set({ show: s === "all" ? undefined : s })} options={shownKinds.map((s) => ({ value: s, label: `${t(`show_${s}`)} ${counts[s]}` }))} />
        <Segmented aria-label={t("layout")} value={each ? "each" : "grouped"} onChange={(v) => { setPicked(new Set()); set({ lines: v === "each" ? "each" : undefined }); }} options={[{ value: "grouped", label: t("grouped") }, { value: "each", label: t("each") }]} />
        <Button className="operations-leave" disabled={picked.size === 0} onClick={() => { exclude([...picked]); setPicked(new Set()); }}>
          {picked.size === 0 ? t(each ? "excludeNoBatch" : "excludeNoTask") : t("excludePicked", { names: named([...picked]) })}
        </Button>
        <PlanFile plan={plan} items={items} />
      </div>
      <PlanRows key={`${plan.id} ${shown} ${each}`} runs={runs} cascade={cascade} each={each} picked={picked} pick={setPicked} />
    </>
  );
}
