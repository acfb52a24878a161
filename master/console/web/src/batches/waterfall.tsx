import type { Api } from "../api/client";
import { Span } from "../ui/time";
import { useWords } from "../ui/words";
import { words } from "./detailwords";
import type { Batch } from "./reads";

const looks: Record<string, string> = { RUNNING: "running", ASSIGNED: "assigned", BATCH_HELD: "held", DQ_GATE: "held", TASK_DISABLED: "held" };

/** Where the time of a batch went: a bar for each phase, from when the batch was made on. */
export function Waterfall({ b, spent }: { b: Batch; spent: Api["WhySpent"][] }) {
  const t = useWords(words);
  const whole = Math.max(1, ...spent.map((s) => s.from + s.millis));
  return (
    <>
      <h2>{t("spent")} <span className="faint"><Span from={b.createdAt} to={b.createdAt + whole} /></span></h2>
      <div className="scroll" tabIndex={0} role="region" aria-label={t("spent")}>
        <table className="table batches-waterfall">
          <thead>
            <tr><th scope="col">{t("phase")}</th><th scope="col" className="num">{t("took")}</th><th scope="col" className="bars">{t("when")}</th></tr>
          </thead>
          <tbody>
            {spent.map((s) => (
              <tr key={`${s.phase} ${s.from} ${s.label}`}>
                <td>{s.label}</td>
                <td className="num nowrap"><Span from={1} to={1 + s.millis} /></td>
                <td>
                  <div className={`bar state-${looks[s.phase] ?? "waiting"}`} style={{ marginLeft: `${(s.from / whole) * 100}%`, width: `${(s.millis / whole) * 100}%` }} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
