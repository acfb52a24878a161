import type { ReactNode } from "react";
import { useZone } from "../frame/session";
import { bytes } from "../ui/bytes";
import { To } from "../ui/link";
import { Span, Time, inZone } from "../ui/time";
import { useWords } from "../ui/words";
import { words } from "./detailwords";
import type { Batch, Why } from "./reads";
import { pageOf } from "./ref";

/** What counts about the batch at a glance: the sentence, the facts, the end of its log. */
export function Overview({ b, why }: { b: Batch; why?: Why }) {
  const t = useWords(words);
  const newest = b.attempts?.at(-1);
  return (
    <>
      <Sentence b={b} why={why} />
      <dl className="facts">
        {useFacts(b).map(([name, value]) => (
          <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
        ))}
      </dl>
      {newest?.tail && (
        <>
          <h2>{t("logEnd")}</h2>
          <pre className="batches-tail" tabIndex={0}>{newest.tail.trimEnd().split("\n").slice(-12).map(plain).join("\n")}</pre>
          <p><To to={pageOf(b.ref)} search={{ tab: "log" }}>{t("wholeLog", { size: bytes(newest.logBytes) })}</To></p>
        </>
      )}
    </>
  );
}

const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, "g");
const plain = (line: string) => line.replace(escapes, "");

function Sentence({ b, why }: { b: Batch; why?: Why }) {
  const t = useWords(words);
  if (!why) return b.message ? <p>{b.message}</p> : null;
  return (
    <p className="batches-sentence">
      {why.summary} <To to={pageOf(b.ref)} search={{ tab: "why" }}>{t("why")}</To>
    </p>
  );
}

function useFacts(b: Batch): [string, ReactNode][] {
  const t = useWords(words);
  const zone = useZone();
  const interval = b.bizStart === b.bizEnd ? inZone(b.bizStart, zone) : `${inZone(b.bizStart, zone)} – ${inZone(b.bizEnd, zone)}`;
  const last = b.attempts?.at(-1);
  const facts: [string, ReactNode | undefined][] = [
    [t("note"), b.message],
    [t("scheduled"), <Time key="s" at={b.scheduledAt} full />],
    [t("interval"), interval],
    [t("waited"), <Span key="w" from={b.createdAt} to={b.startedAt || b.endedAt} />],
    [t("ran"), <Span key="r" from={b.startedAt} to={b.endedAt} />],
    [t("attempts"), `${b.attempt}`],
    [t("exit"), last?.exitCode],
    [t("retryAt"), b.state === "waiting" && b.retryAt ? <Time key="t" at={b.retryAt} full /> : undefined],
    [t("priority"), b.priority],
    [t("period"), b.period],
    [t("origin"), b.origin],
    [t("version"), <To key="v" to={`/tasks/${b.task}`} search={{ tab: "versions" }}>{b.taskVersion}</To>],
    [t("memory"), b.memory > 0 ? bytes(b.memory) : undefined],
    [t("request"), b.requestId ? <code key="q">{b.requestId}</code> : undefined],
  ];
  return facts.filter(([, value]) => value !== undefined && value !== "");
}
