import { useQuery } from "@tanstack/react-query";
import { Alert, AutoComplete, Switch } from "antd";
import { type KeyboardEvent, type ReactNode, useMemo, useRef } from "react";
import { type Api, api, body } from "../api/client";
import { useWords } from "../ui/words";
import { ChoiceField, Labelled, type Sheet, TextField, textOf } from "./formfield";
import { cron, cronPath, enabledPath, findingsOf, inputsPath, limits, namePath, orderOf, outputsPath, ownerPath, periodPath, places, priority, projectPath, script, scriptPath, times, title, typePath } from "./formfields";
import { Labels, Parents, Paths } from "./formlists";
import { words } from "./formwords";
import { periods } from "./period";
import { addTo, dropAt, setAt } from "./yamledit";
import { type Source, type Unreadable, readSource } from "./yamlnode";

type Props = { text: string; change: (text: string) => void; findings: Api["Finding"][]; save: () => void; isNew: boolean };

/**
 * What people set most often in a task, as a form over the text of its file: the
 * form keeps nothing, it reads the text and changes single places of it. While
 * the text cannot be read it says so, shows what was there last, and waits.
 */
export function TaskForm({ text, change, findings, save, isNew }: Props) {
  const t = useWords(words);
  const read = useMemo(() => readSource(text), [text]);
  const last = useRef<Source | undefined>(undefined);
  if ("root" in read) last.current = read;
  const source = last.current;
  const found = useMemo(() => ("root" in read ? findingsOf(read, findings) : new Map<string, Api["Finding"][]>()), [read, findings]);
  const edit = (by: (source: Source) => string) => "root" in read && change(by(read));
  const sheet: Sheet = {
    source,
    found,
    readOnly: !("root" in read),
    edit,
    set: (path, value) => edit((s) => (value === undefined ? dropAt(s, path) : setAt(s, path, value, orderOf))),
    add: (path, item) => edit((s) => addTo(s, path, item, orderOf)),
  };
  function press(e: KeyboardEvent) {
    if (!(e.ctrlKey || e.metaKey) || e.key !== "s") return;
    e.preventDefault();
    save();
  }
  return (
    <div className="tasks-form" role="region" aria-label={t("form")} onKeyDown={press}>
      {!("root" in read) && <Waiting why={read} />}
      <Part name={t("basics")}><Basics sheet={sheet} isNew={isNew} /></Part>
      <Part name={t("schedule")}><Schedule sheet={sheet} /></Part>
      <Part name={t("depends")}>
        <Parents sheet={sheet} />
        <Paths sheet={sheet} path={inputsPath} label={t("inputs")} />
        <Paths sheet={sheet} path={outputsPath} label={t("outputs")} />
      </Part>
      <Part name={t("runs")}><Runs sheet={sheet} /></Part>
      <Part name={t("limitsAndRetry")}>{limits.map((field) => <TextField key={field.word} sheet={sheet} field={field} />)}</Part>
      <Part name={t("where")}>{places.map((field) => <TextField key={field.word} sheet={sheet} field={field} />)}</Part>
    </div>
  );
}

function Waiting({ why }: { why: Unreadable }) {
  const t = useWords(words);
  return <Alert type="warning" showIcon role="status" title={why.problem ? t("notReadable", { problem: why.problem, line: why.line ?? 1 }) : t("noTask")} />;
}

function Part({ name, children }: { name: string; children: ReactNode }) {
  return (
    <fieldset className="tasks-part">
      <legend>{name}</legend>
      <div className="tasks-fields">{children}</div>
    </fieldset>
  );
}

function Basics({ sheet, isNew }: { sheet: Sheet; isNew: boolean }) {
  const t = useWords(words);
  const projects = useQuery({ queryKey: ["task", "projects", "all"], queryFn: ({ signal }) => body(api.GET("/api/v1/projects", { params: { query: { limit: 500 } }, signal })), staleTime: 60_000 });
  const names = (projects.data?.items ?? []).map((p) => ({ value: p.name, label: p.title ? `${p.name} · ${p.title}` : p.name }));
  return (
    <>
      {isNew && <TextField sheet={sheet} field={{ path: namePath, word: "name", wide: true }} />}
      <TextField sheet={sheet} field={title} />
      <ChoiceField sheet={sheet} path={projectPath} label={t("project")} options={names} search />
      <Owner sheet={sheet} />
      <Labels sheet={sheet} label={t("labels")} />
    </>
  );
}

function Owner({ sheet }: { sheet: Sheet }) {
  const t = useWords(words);
  const users = useQuery({ queryKey: ["user", "names"], queryFn: ({ signal }) => body(api.GET("/api/v1/users", { params: { query: { limit: 500 } }, signal })), retry: false });
  const options = (users.data?.items ?? []).map((u) => ({ value: u.name }));
  const filterOption = (typed: string, option?: { value: string }) => option?.value.includes(typed) ?? false;
  return (
    <Labelled sheet={sheet} path={ownerPath} label={t("owner")}>
      {(heard) => <AutoComplete {...heard} value={textOf(sheet, ownerPath) ?? ""} disabled={sheet.readOnly} options={options} showSearch={{ filterOption }} onChange={(name: string) => sheet.set(ownerPath, name)} />}
    </Labelled>
  );
}

function Schedule({ sheet }: { sheet: Sheet }) {
  const t = useWords(words);
  const byCron = textOf(sheet, periodPath) === "cron" || textOf(sheet, cronPath) !== undefined;
  function choose(period: string) {
    sheet.edit((source) => {
      const text = setAt(source, periodPath, period, orderOf);
      const after = readSource(text);
      return period === "cron" || !("root" in after) ? text : dropAt(after, cronPath); // an expression has no meaning with another period
    });
  }
  return (
    <>
      <ChoiceField sheet={sheet} path={periodPath} label={t("period")} options={periods.map((p) => ({ value: p, label: p === "cron" ? t("cronPeriod") : t(p) }))} choose={choose} />
      {byCron && <TextField sheet={sheet} field={cron} />}
      <ChoiceField sheet={sheet} path={priority.path} label={t("priority")} fallback={priority.hint} options={(priority.options ?? []).map((n) => ({ value: n, label: n }))} choose={(n) => sheet.set(priority.path, Number(n))} />
      {times.map((field) => <TextField key={field.word} sheet={sheet} field={field} />)}
      <Labelled sheet={sheet} path={enabledPath} label={t("enabled")}>
        {({ status: _, ...heard }) => <span><Switch {...heard} checked={textOf(sheet, enabledPath) !== "false"} disabled={sheet.readOnly} onChange={(on) => sheet.set(enabledPath, on)} /></span>}
      </Labelled>
    </>
  );
}

function Runs({ sheet }: { sheet: Sheet }) {
  const t = useWords(words);
  const type = textOf(sheet, typePath) ?? "shell";
  const scripted = type === "shell" || type === "python" || textOf(sheet, scriptPath) !== undefined;
  return (
    <>
      <ChoiceField sheet={sheet} path={typePath} label={t("type")} fallback="shell" options={["shell", "python", "exec", "http"].map((value) => ({ value, label: value }))} />
      {scripted ? <TextField sheet={sheet} field={script} /> : <p className="faint tasks-wide">{t("notHere", { key: type === "http" ? "run.http" : "run.command" })}</p>}
    </>
  );
}
