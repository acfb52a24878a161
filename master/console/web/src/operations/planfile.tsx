import type { Api } from "../api/client";
import DownloadCsv, { type FileColumn } from "../ui/download";
import { useIso } from "../ui/useiso";
import { useWords } from "../ui/words";
import { planWords } from "./planwords";
import type { Item } from "./runs";
import { decisionKey } from "./tags";
import { words } from "./words";

/** What is shown of a plan as a file, a line for each batch. */
export function PlanFile({ plan, items }: { plan: Api["Plan"]; items: Item[] }) {
  return <DownloadCsv name={`plan-${plan.id}`} columns={useFileColumns()} read={() => Promise.resolve({ items })} />;
}

function useFileColumns(): FileColumn<Item>[] {
  const t = useWords(planWords);
  const w = useWords(words);
  const iso = useIso();
  const decision = ({ decision: name }: Item) => {
    const key = decisionKey(name);
    return key ? w(key) : name;
  };
  return [
    { title: w("decision"), text: decision },
    { title: t("task"), text: (i) => i.task },
    { title: t("numbersColumn"), text: (i) => i.workNo },
    { title: t("run"), text: (i) => i.run },
    { title: t("level"), text: (i) => i.level ?? 0 },
    { title: t("via"), text: (i) => (i.via ?? []).join(" ") },
    { title: w("reason"), text: (i) => i.sentence },
    { title: t("warnings"), text: (i) => (i.warnings ?? []).join("\n") },
    { title: t("existing"), text: (i) => i.existing },
    { title: t("intervalFrom"), text: (i) => iso(i.bizStart) },
    { title: t("intervalTo"), text: (i) => iso(i.bizEnd) },
    { title: t("expectedSeconds"), text: (i) => (i.expected ? i.expected / 1000 : undefined) },
  ];
}
