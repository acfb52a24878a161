import { commonWords } from "../ui/commonwords";
import { TroubleBox } from "../ui/trouble";
import { useWords } from "../ui/words";
import { Ahead } from "./ahead";
import type { Check, DiffItem } from "./check";
import { DiffText } from "./difftext";
import { words } from "./editwords";

type Props = { check: Check; goTo: (line: number) => void };

/** What the master says of the text that is written: findings, the batches to come, and what saving would change. */
export function Side({ check, goTo }: Props) {
  const t = useWords(words);
  return (
    <div className="tasks-side">
      <section>
        <h2>{t("findings")}</h2>
        {check.trouble && <TroubleBox trouble={check.trouble} retry={check.retry} stillShown={check.judged} />}
        <Findings check={check} goTo={goTo} />
      </section>
      <section>
        <h2>{t("nextFive")}</h2>
        <Ahead check={check} />
      </section>
      <section>
        <h2>{t("wouldChange")}</h2>
        <Changes check={check} />
      </section>
    </div>
  );
}

function Findings({ check, goTo }: { check: Check; goTo: (line: number) => void }) {
  const t = useWords(words);
  const common = useWords(commonWords);
  const { findings, errors, judged, trouble } = check;
  if (!judged) return trouble ? null : <p role="status" className="faint">{common("loading")}</p>;
  const summary = findings.length === 0 ? t("noFindings") : t("counts", { errors, warnings: findings.length - errors });
  return (
    <>
      <p role="status" className="faint">{summary}</p>
      {findings.length > 0 && (
        <ul className="tasks-findings">
          {findings.map((f, i) => (
            <li key={i}>
              <button type="button" onClick={() => goTo(f.line)}>
                <span className={`state state-${f.severity === "error" ? "failed" : "waiting"}`}>
                  <span className="glyph" aria-hidden="true">{f.severity === "error" ? "✕" : "▲"}</span>
                  {f.severity === "error" ? t("error") : t("warning")} · {t("line", { n: f.line })}
                </span>{" "}
                {f.message} <code className="faint">{f.code}</code>
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** What a save would do to each definition of the text. */
export function Changes({ check }: { check: Check }) {
  const t = useWords(words);
  if (!check.judged) return null;
  if (check.errors > 0) return <p className="faint">{t("notWithErrors")}</p>;
  if (check.items.length === 0) return null;
  return check.items.map((item) => <Change key={`${item.kind} ${item.name}`} item={item} />);
}

function Change({ item }: { item: DiffItem }) {
  const t = useWords(words);
  const title = t(item.action === "created" ? "willCreate" : item.action === "changed" ? "willChange" : "unchanged", { name: item.name, version: item.version ?? 1 });
  return (
    <>
      <p>{title}</p>
      {item.diff && <DiffText text={item.diff} label={title} />}
    </>
  );
}
