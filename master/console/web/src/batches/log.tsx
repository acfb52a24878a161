import { Select } from "antd";
import { Trouble } from "../api/client";
import { To } from "../ui/link";
import { Span } from "../ui/time";
import { TroubleBox } from "../ui/trouble";
import { useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import "./log.css";
import { words } from "./logwords";
import { LogView } from "./logview";
import type { Batch } from "./reads";
import { pageOf } from "./ref";

/** What an attempt of the batch wrote: of the newest one, or of the one that is chosen. */
export default function Log({ b }: { b: Batch }) {
  const t = useWords(words);
  const [url] = useUrl();
  const attempts = b.attempts ?? [];
  const newest = attempts.at(-1);
  if (newest === undefined) {
    return (
      <div className="empty">
        <p>{t("notStarted")}</p>
        <To to={pageOf(b.ref)} search={{ tab: "why" }}>{t("seeWhy")}</To>
      </div>
    );
  }
  const shown = attempts.find((a) => String(a.attempt) === url.attempt) ?? newest;
  return (
    <LogView key={shown.attempt} b={b} attempt={shown}>
      <Chooser b={b} value={shown.attempt} />
    </LogView>
  );
}

function Chooser({ b, value }: { b: Batch; value: number }) {
  const t = useWords(words);
  const [, set] = useUrl();
  const attempts = b.attempts ?? [];
  return (
    <Select
      aria-label={t("attempt")}
      value={value}
      onChange={(n) => set({ attempt: n === attempts.at(-1)?.attempt ? undefined : String(n), at: undefined })}
      options={[...attempts].reverse().map((a) => ({ value: a.attempt, label: t("attemptOn", { n: a.attempt, host: a.host, outcome: a.outcome ?? t("runs") }) }))}
      popupMatchSelectWidth={false}
    />
  );
}

/** How the attempt stands, under its log. */
export function Ended({ attempt }: { attempt: NonNullable<Batch["attempts"]>[number] }) {
  const t = useWords(words);
  if (!attempt.endedAt) return <span>{t("runs")} <Span from={attempt.startedAt} /></span>;
  return (
    <span>
      {attempt.outcome} {attempt.exitCode !== undefined && t("exitCode", { n: attempt.exitCode })} <Span from={attempt.startedAt} to={attempt.endedAt} />
    </span>
  );
}

/** Why there is no log to see, in words that say what to do. */
export function LogTrouble({ trouble, shown }: { trouble: unknown; shown: boolean }) {
  const t = useWords(words);
  const refused = trouble instanceof Trouble && trouble.code === "FORBIDDEN";
  return (
    <>
      {refused && <p>{t("mayNot")}</p>}
      <TroubleBox trouble={trouble} stillShown={shown} />
    </>
  );
}
