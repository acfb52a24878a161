import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useDeferredValue, useId, useState } from "react";
import { isMap, isScalar, isSeq } from "yaml";
import { api, body } from "../api/client";
import { offersFor } from "../ui/offers";
import { useWords } from "../ui/words";
import { Found, type Sheet, textOf } from "./formfield";
import { keyOf, labelsPath, parentsPath } from "./formfields";
import { words } from "./formwords";
import { dropAt, setAt } from "./yamledit";
import { type Path, nodeAt } from "./yamlnode";

const lengthOf = (sheet: Sheet, path: Path) => {
  const list = sheet.source && nodeAt(sheet.source.root, path);
  return isSeq(list) ? list.items.length : 0;
};

const indexes = (n: number) => Array.from({ length: n }, (_, i) => i);

function FoundOf({ sheet, path }: { sheet: Sheet; path: Path }) {
  const id = useId();
  const found = sheet.found.get(keyOf(path));
  return found ? <Found id={id} found={found} /> : null;
}

/** The tasks that the task waits for, with a search for more of them. */
export function Parents({ sheet }: { sheet: Sheet }) {
  const t = useWords(words);
  const id = useId();
  const names = indexes(lengthOf(sheet, parentsPath)).map((i) => textOf(sheet, [...parentsPath, i, "task"]) ?? textOf(sheet, [...parentsPath, i]) ?? "?");
  return (
    <div className="tasks-field tasks-wide" role="group" aria-labelledby={id}>
      <span id={id} className="tasks-label">{t("parents")}</span>
      {names.length === 0 && <span className="faint">{t("noParents")}</span>}
      <ul className="tasks-plain">
        {names.map((name, i) => (
          <li key={`${name} ${i}`} className="tasks-item">
            <span><code>{name}</code> <span className="faint"><Window sheet={sheet} i={i} /></span></span>
            <Button size="small" disabled={sheet.readOnly} aria-label={t("removeParent", { name })} onClick={() => sheet.edit((source) => dropAt(source, [...parentsPath, i]))}>{t("remove")}</Button>
          </li>
        ))}
      </ul>
      <ParentPick names={names} readOnly={sheet.readOnly} add={(task) => sheet.add(parentsPath, { task })} />
      <FoundOf sheet={sheet} path={parentsPath} />
    </div>
  );
}

/** Which batches of a parent are meant. */
function Window({ sheet, i }: { sheet: Sheet; i: number }) {
  const t = useWords(words);
  const at = (key: string | number, ...more: number[]) => textOf(sheet, [...parentsPath, i, key, ...more]);
  const offset = at("offset");
  const [from, to] = [at("range", 0), at("range", 1)];
  if (at("last") === "true") return t("newest");
  if (offset) return t("back", { n: Math.abs(Number(offset)) });
  if (from && to) return t("between", { from: Math.abs(Number(from)), to: Math.abs(Number(to)) });
  return t("sameInterval");
}

function ParentPick({ names, readOnly, add }: { names: string[]; readOnly: boolean; add: (name: string) => void }) {
  const t = useWords(words);
  const [typed, setTyped] = useState("");
  const q = useDeferredValue(typed.trim());
  const found = useQuery({
    queryKey: ["task", "pick", q, undefined],
    queryFn: ({ signal }) => body(api.GET("/api/v1/tasks", { params: { query: { q: q || undefined, limit: 30 } }, signal })),
    placeholderData: (before) => before,
  });
  const options = offersFor(found.data?.items ?? [], typed, found.isPlaceholderData || q !== typed.trim()).filter((task) => !names.includes(task.name));
  return (
    <Select
      aria-label={t("addParent")}
      value={null}
      disabled={readOnly}
      placeholder={`${t("addParent")}: ${t("addParentHint")}`}
      showSearch={{ searchValue: typed, onSearch: setTyped, filterOption: false }}
      options={options.map((task) => ({ value: task.name, label: <span>{task.name} <span className="faint">{task.period} · {task.project}{task.title && ` · ${task.title}`}</span></span> }))}
      onChange={(name: string | null) => { setTyped(""); if (name) add(name); }}
    />
  );
}

/** A list of paths that can be changed, taken away and added to. */
export function Paths({ sheet, path, label }: { sheet: Sheet; path: Path; label: string }) {
  const t = useWords(words);
  const id = useId();
  const [fresh, setFresh] = useState("");
  function add() {
    if (fresh.trim() !== "") sheet.add(path, { path: fresh.trim() });
    setFresh("");
  }
  return (
    <div className="tasks-field tasks-wide" role="group" aria-labelledby={id}>
      <span id={id} className="tasks-label">{label}</span>
      {indexes(lengthOf(sheet, path)).map((i) => (
        <div key={i} className="tasks-item">
          <Input className="mono" aria-label={t("path", { n: i + 1, what: label })} spellCheck={false} disabled={sheet.readOnly} value={textOf(sheet, [...path, i, "path"]) ?? ""} onChange={(e) => sheet.set([...path, i, "path"], e.target.value)} />
          <Button size="small" disabled={sheet.readOnly} aria-label={t("removePath", { n: i + 1, what: label })} onClick={() => sheet.edit((source) => dropAt(source, [...path, i]))}>{t("remove")}</Button>
        </div>
      ))}
      <div className="tasks-item">
        <Input className="mono" aria-label={t("addPath", { what: label })} placeholder="hdfs:///dw/orders/dt={{ biz yyyyMMdd }}" spellCheck={false} disabled={sheet.readOnly} value={fresh} onChange={(e) => setFresh(e.target.value)} onPressEnter={(e) => { e.preventDefault(); add(); }} />
        <Button size="small" disabled={sheet.readOnly || fresh.trim() === ""} onClick={add}>{t("add")}</Button>
      </div>
      <FoundOf sheet={sheet} path={path} />
    </div>
  );
}

/** Labels, each written as name=value. */
export function Labels({ sheet, label }: { sheet: Sheet; label: string }) {
  const t = useWords(words);
  const id = useId();
  const map = sheet.source && nodeAt(sheet.source.root, labelsPath);
  const names = isMap(map) ? map.items.flatMap((p) => (isScalar(p.key) ? [String(p.key.value)] : [])) : [];
  const now = names.map((name) => `${name}=${textOf(sheet, [...labelsPath, name]) ?? ""}`);
  function choose(list: string[]) {
    const gone = names.find((_, i) => !list.includes(now[i] ?? ""));
    const [name, value = ""] = (list.find((l) => !now.includes(l)) ?? "").split(/=(.*)/s);
    if (name?.trim()) sheet.edit((source) => setAt(source, [...labelsPath, name.trim()], value, () => []));
    else if (gone) sheet.edit((source) => dropAt(source, [...labelsPath, gone]));
  }
  return (
    <div className="tasks-field tasks-wide">
      <label htmlFor={id}>{label}</label>
      <Select id={id} mode="tags" open={false} suffixIcon={null} value={now} disabled={sheet.readOnly} placeholder={t("labelsHint")} onChange={choose} />
      <FoundOf sheet={sheet} path={labelsPath} />
    </div>
  );
}
