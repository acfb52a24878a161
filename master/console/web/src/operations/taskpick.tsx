import { useQueries, useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { type ClipboardEvent, useDeferredValue, useState } from "react";
import { type Api, Trouble, api, body } from "../api/client";
import { To } from "../ui/link";
import { offersFor } from "../ui/offers";
import { enc } from "../ui/url";
import { useWords } from "../ui/words";
import { planWords } from "./planwords";

type Props = { id: string; names: string[]; choose: (names: string[]) => void; period?: string; batches?: boolean }; // also TASK/WORKNO

/** Names of tasks: searched for, typed, or pasted as a list. */
export function TaskPick({ id, names, choose, period, batches }: Props) {
  const t = useWords(planWords);
  const [typed, setTyped] = useState("");
  const q = useDeferredValue(typed.trim());
  const found = useQuery({
    queryKey: ["task", "pick", q, period],
    queryFn: ({ signal }) => body(api.GET("/api/v1/tasks", { params: { query: { q: q || undefined, period: period || undefined, limit: 30 } }, signal })),
    placeholderData: (before) => before,
  });
  const aBatch = batches === true && typed.includes("/");
  const old = found.isPlaceholderData || q !== typed.trim();
  const offers = aBatch ? [] : offersFor(found.data?.items ?? [], typed, old);
  const add = (text: string) => {
    setTyped("");
    choose(withNames(names, text));
  };
  const paste = (e: ClipboardEvent) => {
    const pasted = e.clipboardData.getData("text");
    if (!separators.test(pasted.trim())) return;
    e.preventDefault();
    add(pasted);
  };
  return (
    <div onPasteCapture={paste}>
      <Select
        id={id}
        mode="multiple"
        value={names}
        onChange={(chosen: string[]) => { setTyped(""); choose(chosen); }}
        showSearch={{ searchValue: typed, onSearch: (text) => (separators.test(text) ? add(text) : setTyped(text)), filterOption: false }}
        onInputKeyDown={(e) => { if (e.key === "Enter" && typed !== "" && offers.length === 0) add(typed); }}
        onBlur={() => { if (typed.trim() !== "") add(typed); }}
        placeholder={t(batches ? "tasksOrBatchesHint" : "tasksHint")}
        style={{ width: "100%" }}
        options={offers.map((task) => ({ value: task.name, label: <Offer task={task} /> }))}
        optionLabelProp="value"
        notFoundContent={q !== "" && !aBatch && !old && found.data ? t("unknownTask") : null}
        maxTagCount={20}
      />
    </div>
  );
}

const separators = /[\s,;]/;

function withNames(names: string[], text: string): string[] {
  return [...new Set([...names, ...text.split(separators)])].filter((name) => name !== "");
}

function Offer({ task }: { task: Api["TaskSummary"] }) {
  return (
    <span>
      {task.name} <span className="faint">{task.period} · {task.project}{task.title && ` · ${task.title}`}</span>
    </span>
  );
}

/** What is known of a task by its name. */
export type Known = { name: string; task?: Api["TaskDetail"]; missing: boolean };

const checked = 100; // beyond that the plan says it

/** Looks tasks up by their names, so that what is unknown is seen before anything is planned. */
export function useKnown(names: string[]): Known[] {
  return useQueries({
    queries: names.slice(0, checked).map((name) => ({
      queryKey: ["task", "brief", name],
      queryFn: ({ signal }: { signal: AbortSignal }) => body(api.GET("/api/v1/tasks/{name}", { params: { path: { name } }, signal })),
      staleTime: 60_000,
    })),
    combine: (answers) => answers.map((a, i) => ({ name: names[i] ?? "", task: a.data, missing: a.error instanceof Trouble && a.error.status === 404 })),
  });
}

/** The tasks that were named, with what is wrong about each. */
export function KnownTasks({ known, period }: { known: Known[]; period?: string }) {
  const t = useWords(planWords);
  return (
    <ul className="operations-known" aria-live="polite">
      {known.map((k) => (
        <li key={k.name}>
          {k.missing ? <span className="operations-wrong"><code>{k.name}</code> {t("unknownTask")}</span> : <Brief known={k} period={period} />}
        </li>
      ))}
    </ul>
  );
}

function Brief({ known: { name, task }, period }: { known: Known; period?: string }) {
  const t = useWords(planWords);
  if (!task) return <span className="faint">{name} {t("checking")}</span>;
  const flaw = task.period === "manual" ? t("manualTask") : period && task.period !== period ? t("otherPeriod") : task.enabled ? "" : t("disabled");
  return (
    <span className={flaw ? "operations-heed" : undefined}>
      <To to={`/tasks/${enc(name)}`}>{name}</To> <span className="faint">{task.period} · {task.project}</span>{flaw && ` · ${flaw}`}
    </span>
  );
}
