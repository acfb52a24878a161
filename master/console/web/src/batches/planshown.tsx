import type { Api } from "../api/client";
import { useWords } from "../ui/words";
import { words } from "./bulkwords";

const most = 100; // rows of a plan that are shown before it is applied

/** A plan: how many batches would change, and what becomes of each. */
export function PlanShown({ plan }: { plan: Api["Plan"] }) {
  const t = useWords(words);
  const items = plan.items ?? [];
  const { change, create, skip, block } = plan.counts;
  const counts: [string, number][] = [[t("change"), change + create], [t("skip"), skip], [t("block"), block]];
  return (
    <>
      <dl className="batches-counts" aria-label={t("counts")}>
        {counts.map(([name, n]) => <div key={name}><dt>{name}</dt><dd><b>{n}</b></dd></div>)}
      </dl>
      {(plan.warnings ?? []).map((warning) => <p key={warning}>{warning}</p>)}
      <div className="scroll batches-plan" tabIndex={0} role="region" aria-label={t("counts")}>
        <table className="table">
          <thead><tr><th scope="col">{t("batch")}</th><th scope="col">{t("decision")}</th></tr></thead>
          <tbody>
            {items.slice(0, most).map((item) => (
              <tr key={`${item.task}/${item.workNo}.${item.run}`}>
                <td>{item.task}/{item.workNo}.{item.run}</td>
                <td>{item.sentence || item.code}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {items.length > most && <p className="faint">{t("moreItems", { n: items.length - most })}</p>}
    </>
  );
}
