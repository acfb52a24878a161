import { useRef } from "react";
import type { Api } from "../api/client";
import { span } from "../ui/time";
import { useLang, useWords } from "../ui/words";
import { words } from "./words";

type Operation = Api["Operation"];

const commands = ["kill", "hold", "release", "mark"] as const;
type Command = (typeof commands)[number];

/** Whether operations of a kind change batches, and make none. */
export const isCommand = (kind: string): kind is Command => commands.some((c) => c === kind);

/** Nothing about it will change any more by itself; a cancelled one ends once what it had made is ended. */
export const hasEnded = (o: Operation) => o.state === "done" || (o.state === "cancelled" && Boolean(o.endedAt));

const finished = (o: Operation) => (isCommand(o.kind) ? o.created + o.failed : o.done + o.failed);

/** How far an operation is, in the words of the command line. */
export function useCounts(): (o: Operation) => string {
  const t = useWords(words);
  return (o) => {
    const text = isCommand(o.kind) ? t("dealt", { ...numbers(o), past: t(`past_${o.kind}`) }) : t("made", numbers(o));
    return o.blocked > 0 ? t("andBlocked", { text, blocked: o.blocked }) : text;
  };
}

const numbers = ({ created, total, done, failed, skipped }: Operation) => ({ created, total, done, failed, skipped });

/** How far an operation is: a bar, with the counts beside it in words. */
export function Progress({ operation: o, left }: { operation: Operation; left?: string }) {
  const counts = useCounts()(o);
  const share = (n: number) => ({ width: `${(100 * Math.min(n, o.total)) / Math.max(1, o.total)}%` });
  const good = isCommand(o.kind) ? o.created : o.done;
  const begun = isCommand(o.kind) ? 0 : Math.max(0, o.created - o.done - o.failed);
  return (
    <div className="operations-progress">
      <div className="operations-bar" role="progressbar" aria-label={counts} aria-valuemin={0} aria-valuemax={Math.max(1, o.total)} aria-valuenow={Math.min(finished(o), Math.max(1, o.total))}>
        <span className="operations-good" style={share(good)} />
        <span className="operations-bad" style={share(o.failed)} />
        <span className="operations-begun" style={share(begun)} />
      </div>
      <span>
        {counts}
        {left && <span className="faint"> · {left}</span>}
      </span>
    </div>
  );
}

/** Guesses the time until the end from how fast it went while it was watched. */
export function useLeft(o: Operation | undefined): string | undefined {
  const t = useWords(words);
  const lang = useLang();
  const from = useRef<{ id: number; at: number; done: number }>(undefined);
  if (!o) return undefined;
  const now = Date.now();
  if (from.current?.id !== o.id || hasEnded(o)) from.current = { id: o.id, at: now, done: finished(o) };
  const went = finished(o) - from.current.done;
  const took = now - from.current.at;
  if (hasEnded(o) || went < 1 || took < 1 || finished(o) >= o.total) return undefined;
  return t("left", { time: span((took / went) * (o.total - finished(o)), lang) });
}

const glyphs: Record<string, [string, string]> = { creating: ["◔", "assigned"], running: ["▶", "running"], done: ["✓", "ok"], cancelled: ["■", "killed"] };

/** The state of an operation; one that is done with failures is not shown as good. */
export function OperationState({ operation: o }: { operation: Operation }) {
  const t = useWords(words);
  const failed = o.failed > 0 && o.state === "done";
  const [glyph, look] = failed ? ["✕", "failed"] : (glyphs[o.state] ?? ["·", "waiting"]);
  return (
    <span className={`state state-${look}`}>
      <span aria-hidden="true" className="glyph">{glyph}</span>
      {stateWord(o, t)}
    </span>
  );
}

function stateWord(o: Operation, t: (key: "cancelling" | "state_creating" | "state_running" | "state_done" | "state_cancelled") => string): string {
  if (o.state === "cancelled" && !hasEnded(o)) return t("cancelling");
  switch (o.state) {
    case "creating": case "running": case "done": case "cancelled": return t(`state_${o.state}`);
    default: return o.state;
  }
}

/** The word for a kind of operation. */
export function KindName({ kind }: { kind: string }) {
  const t = useWords(words);
  const key = `kind_${kind}`;
  return <>{key in words.en ? t(key as "kind_rerun") : kind}</>;
}
