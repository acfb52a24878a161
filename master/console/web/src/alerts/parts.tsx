import type { ReactNode } from "react";
import type { Api } from "../api/client";
import { To } from "../ui/link";
import type { Search } from "../ui/url";
import { enc } from "../ui/url";
import { useWords } from "../ui/words";
import { words } from "./words";

export const levels = ["critical", "important", "notice", "task"] as const;
export type Level = (typeof levels)[number];

const levelGlyphs: Record<Level, string> = { critical: "✕", important: "▲", notice: "●", task: "◆" };

/** The level of an alert by glyph, word and colour. */
export function LevelTag({ level }: { level: string }) {
  const t = useWords(words);
  const known = levels.find((l) => l === level);
  if (!known) return <>{level}</>;
  return <Mark look={known} glyph={levelGlyphs[known]} word={t(known)} />;
}

type Looks = Level | "good" | "bad" | "wait" | "off";

/** A glyph in its colour beside the word that says the same. */
export function Mark({ look, glyph, word }: { look: Looks; glyph: string; word: ReactNode }) {
  return (
    <span className={`state alerts-${look}`}>
      <span aria-hidden="true" className="glyph">{glyph}</span>
      {word}
    </span>
  );
}

/** What an alert is about, as a link where it is a batch, a task or a worker. */
export function ObjectLink({ alert }: { alert: Pick<Api["Alert"], "kind" | "object" | "task"> }) {
  const { kind, object, task } = alert;
  if (task && object.startsWith(`${task}/`)) return <To to={`/batches/${enc(object)}`}>{object}</To>;
  if (task && object === task) return <To to={`/tasks/${enc(task)}`}>{object}</To>;
  if (kind.startsWith("worker-")) return <To to={`/hosts/${enc(object)}`}>{object}</To>;
  return <span className="alerts-wrap">{object}</span>;
}

/** The root of an incident in words, as a link where it is a batch, a task or a worker. */
export function Root({ incident }: { incident: Pick<Api["Incident"], "rootKind" | "root"> }) {
  const t = useWords(words);
  const { rootKind, root } = incident;
  return (
    <span className="alerts-wrap">
      <span className="faint">{rootKind in words.en ? t(rootKind as "path") : rootKind}</span> <RootName kind={rootKind} root={root} />
    </span>
  );
}

function RootName({ kind, root }: { kind: string; root: string }) {
  if (kind === "batch") return <To to={`/batches/${enc(root)}`}>{root}</To>;
  if (kind === "worker") return <To to={`/hosts/${enc(root)}`}>{root}</To>;
  const task = root.split("/")[0] ?? "";
  if (kind === "absent") return <To to={`/tasks/${enc(task)}`}>{root}</To>;
  return <>{root}</>;
}

/** A word of a code that may be one that this console does not know yet. */
export function useCode(codes: Record<string, keyof typeof words.en>) {
  const t = useWords(words);
  return (code: string) => (codes[code] ? t(codes[code]) : code);
}

export const channelCodes: Record<string, keyof typeof words.en> = { phone: "phone", sms: "sms", mail: "mail", webhook: "webhook" };

type Tab = { key: string; title: string };

/** The parts of a page, as links: which one is shown stands in the address. */
export function Tabs({ path, tabs, at, label, keep }: { path: string; tabs: Tab[]; at: string; label: string; keep?: Search }) {
  const first = tabs[0]?.key;
  return (
    <nav className="alerts-tabs" aria-label={label}>
      {tabs.map((tab) => (
        <TabLink key={tab.key} path={path} search={{ ...keep, tab: tab.key === first ? undefined : tab.key }} here={tab.key === at} title={tab.title} />
      ))}
    </nav>
  );
}

function TabLink({ path, search, here, title }: { path: string; search: Search; here: boolean; title: string }) {
  return (
    <span aria-current={here ? "page" : undefined} className={here ? "here" : undefined}>
      <To to={path} search={search}>{title}</To>
    </span>
  );
}
