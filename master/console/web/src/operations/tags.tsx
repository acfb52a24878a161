import { StateTag } from "../ui/statetag";
import { useWords } from "../ui/words";
import { words } from "./words";

const glyphs: Record<string, string> = { create: "+", change: "±", skip: "↷", block: "✕", fail: "!" };

const known = (decision: string): decision is "create" | "change" | "skip" | "block" | "fail" => decision in glyphs;

/** The word of a decision, where it is known. */
export const decisionKey = (decision: string) => (known(decision) ? (`decide_${decision}` as const) : undefined);

/** A decision about a batch by glyph, word and colour. */
export function DecisionTag({ decision, warned }: { decision: string; warned?: boolean }) {
  const t = useWords(words);
  const key = decisionKey(decision);
  return (
    <span className={`operations-decision operations-${decision}`}>
      <span aria-hidden="true">{glyphs[decision] ?? "·"}</span> {key ? t(key) : decision}
      {warned && <span aria-hidden="true"> ▲</span>}
    </span>
  );
}

const unfinished = new Set(["waiting", "assigned", "running"]);

/** The state of a batch where state and result are one text: `done/success` in plans, `success` in operations. */
export function StandingTag({ standing }: { standing: string }) {
  const [state = "", finish = ""] = standing.includes("/") ? standing.split("/") : unfinished.has(standing) ? [standing] : ["done", standing];
  return <StateTag batch={{ state, finish }} />;
}
