import { Skeleton } from "antd";
import type { Api } from "../api/client";
import { To } from "../ui/link";
import { Time } from "../ui/time";
import { TroubleBox } from "../ui/trouble";
import { useWords } from "../ui/words";
import { words } from "./detailwords";
import type { Batch, Why } from "./reads";
import { pageOf } from "./ref";
import { Waterfall } from "./waterfall";

type Props = { b: Batch; why?: Why; trouble: unknown; retry: () => void };

/** What the batch waits for, or where its time went, as the scheduler itself tells it. */
export function WhyTab({ b, why, trouble, retry }: Props) {
  const t = useWords(words);
  return (
    <>
      {trouble !== null && <TroubleBox trouble={trouble} retry={retry} stillShown={why !== undefined} />}
      {why === undefined && trouble === null && <Skeleton active aria-label={t("reading")} />}
      {why && <Told b={b} why={why} />}
    </>
  );
}

function Told({ b, why }: { b: Batch; why: Why }) {
  const t = useWords(words);
  const spent = why.spent ?? [];
  return (
    <>
      <p className="batches-sentence">{why.summary}</p>
      <p className="faint">{t("asOf")} <Time at={why.asOf} full /></p>
      {(why.facts ?? []).length > 0 && <ul>{(why.facts ?? []).map((fact) => <li key={fact}>{fact}</li>)}</ul>}
      {why.expectedAt !== undefined && <p>{t("expected")} <Time at={why.expectedAt} full /></p>}
      <Roots why={why} />
      <Gates gates={why.gates ?? []} />
      {spent.length > 0 && <Waterfall b={b} spent={spent} />}
      <Timeouts timeouts={why.timeouts ?? []} />
    </>
  );
}

function Roots({ why }: { why: Why }) {
  const t = useWords(words);
  const roots = why.roots ?? [];
  if (roots.length === 0) return null;
  return (
    <>
      <h2>{t("roots", { n: roots.length })}</h2>
      <ul className="batches-gates">
        {roots.map((root) => (
          <li key={`${root.batch} ${root.code} ${root.sentence}`}>
            <span className="sign state-failed" aria-hidden="true">✕</span>
            <div>
              {root.batch && <To to={pageOf(root.batch)} search={{ tab: "why" }}>{root.batch}</To>} <code className="faint">{root.code}</code>
              <div>{root.sentence}</div>
              {root.since !== undefined && <div className="faint">{t("since")} <Time at={root.since} full /></div>}
            </div>
          </li>
        ))}
      </ul>
      {why.truncated && <p className="faint">{t("truncated")}</p>}
    </>
  );
}

type Gate = Api["WhyGate"];
type Known = "met" | "unmet" | "not-evaluated";

const signs: Record<Known, { glyph: string; look: string; word: "gateMet" | "gateUnmet" | "gateNotAsked" }> = {
  unmet: { glyph: "✕", look: "failed", word: "gateUnmet" },
  "not-evaluated": { glyph: "○", look: "waiting", word: "gateNotAsked" },
  met: { glyph: "✓", look: "ok", word: "gateMet" },
};

/** The gates in the scheduler's order, but what is in the way first. */
function Gates({ gates }: { gates: Gate[] }) {
  const t = useWords(words);
  if (gates.length === 0) return null;
  const order = Object.keys(signs);
  const sorted = [...gates].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  return (
    <>
      <h2>{t("gates")}</h2>
      <ul className="batches-gates">{sorted.map((gate) => <GateRow key={gate.code} gate={gate} />)}</ul>
    </>
  );
}

function GateRow({ gate }: { gate: Gate }) {
  const t = useWords(words);
  const sign = signs[gate.state as Known] ?? signs["not-evaluated"];
  const unmet = gate.state === "unmet";
  return (
    <li>
      <span className={`sign state-${sign.look}`} role="img" aria-label={t(sign.word)}>{sign.glyph}</span>
      <div>
        <span className={unmet ? "unmet" : undefined}>{gate.sentence}</span> <code className="faint">{gate.code}</code>
        {unmet && <Checked gate={gate} />}
        {(gate.evidence ?? []).length > 0 && <ul className="evidence">{(gate.evidence ?? []).map((line) => <li key={line}>{line}</li>)}</ul>}
        {unmet && gate.help && <div className="help">→ {gate.help}</div>}
      </div>
    </li>
  );
}

function Checked({ gate }: { gate: Gate }) {
  const t = useWords(words);
  return (
    <div className="faint checked">
      {gate.since !== undefined && <span>{t("since")} <Time at={gate.since} full /></span>}
      {gate.checkedAt !== undefined && <span>{t("checkedAt")} <Time at={gate.checkedAt} full /></span>}
      {gate.checkedBy && <span>{t("by")} {gate.checkedBy}</span>}
    </div>
  );
}

function Timeouts({ timeouts }: { timeouts: Api["WhyTimeout"][] }) {
  const t = useWords(words);
  if (timeouts.length === 0) return null;
  return (
    <>
      <h2>{t("timeouts")}</h2>
      <ul>
        {timeouts.map((timeout) => (
          <li key={timeout.kind}>
            {timeout.label}: {t("due")} <Time at={timeout.dueAt} full />
            {timeout.passedAt !== undefined && <span className="late">⏰ {t("passed")} <Time at={timeout.passedAt} full /></span>}
          </li>
        ))}
      </ul>
    </>
  );
}
