import type { ReactNode } from "react";
import type { Api } from "../api/client";
import { useZone } from "../frame/session";
import { SmallTable } from "../ui/smalltable";
import type { Column } from "../ui/table";
import { Time, inZone } from "../ui/time";
import { useWords } from "../ui/words";
import { Mark, channelCodes, useCode } from "./parts";
import { words } from "./words";

type Message = Api["Message"];

const purposes = { alert: "pAlert", update: "pUpdate", digest: "pDigest", recovered: "pRecovered", failure: "pFailure", test: "pTest", report: "pReport" } as const;

/** The columns that tell what has become of a message. */
export function useMessageColumns<Row>(of: (row: Row) => Message): Column<Row>[] {
  const t = useWords(words);
  const channel = useCode(channelCodes);
  const purpose = useCode(purposes);
  return [
    { key: "whom", title: t("whom"), show: (r) => <Whom message={of(r)} /> },
    { key: "channel", title: t("byChannel"), className: "nowrap", show: (r) => channel(of(r).channel) },
    { key: "purpose", title: t("purpose"), className: "nowrap", show: (r) => purpose(of(r).purpose) },
    { key: "state", title: t("state"), className: "nowrap", show: (r) => <MessageState message={of(r)} /> },
    { key: "tries", title: t("tries"), className: "num", show: (r) => of(r).tries },
    { key: "subject", title: t("subject"), show: (r) => <span className="alerts-text alerts-slim">{of(r).subject ?? "–"}</span> },
    { key: "answer", title: t("answer"), show: (r) => <span className="alerts-text alerts-slim">{of(r).answer ?? "–"}</span> },
    { key: "put", title: t("put"), className: "nowrap", show: (r) => <Time at={of(r).createdAt} /> },
    { key: "ended", title: t("finished"), className: "nowrap", show: (r) => <Time at={of(r).endedAt} /> },
  ];
}

/** What was sent, in the order in which it was put. */
export function Messages({ messages, empty }: { messages: Message[]; empty: ReactNode }) {
  const t = useWords(words);
  return <SmallTable<Message> label={t("sent")} rows={messages} idOf={(m) => String(m.id)} columns={useMessageColumns((m) => m)} empty={empty} />;
}

function Whom({ message }: { message: Message }) {
  const t = useWords(words);
  const { recipient, address } = message;
  if (recipient.startsWith("hook:")) return <>{t("webhook")} {recipient.slice(5)}</>;
  if (recipient.startsWith("addr:")) return <span className="alerts-wrap">{address ?? recipient.slice(5)} <span className="faint">{t("nobodys")}</span></span>;
  return <>{recipient}<br /><span className="faint">{address}</span></>;
}

function MessageState({ message }: { message: Message }) {
  const t = useWords(words);
  const zone = useZone();
  if (message.state === "sent") return <Mark look="good" glyph="✓" word={t("mSent")} />;
  if (message.state === "failed") return <Mark look="bad" glyph="✕" word={t("mFailed")} />;
  const due = inZone(message.dueAt, zone).slice(11);
  return <Mark look="wait" glyph="○" word={<span title={t("due", { time: due })}>{t("mWaits")} {due}</span>} />;
}
