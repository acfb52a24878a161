import { Input, Select } from "antd";
import { type ReactNode, useId, useState } from "react";
import type { Api } from "../api/client";
import { useWords } from "../ui/words";
import { type Field, keyOf, typedValue } from "./formfields";
import { words } from "./formwords";
import { type Path, type Source, nodeAt, textAt } from "./yamlnode";
import type { Value } from "./yamlscalar";

/** What fields read and write: the file, what was found about each, and changes of one place. */
export type Sheet = {
  source?: Source; // as it was when it could last be read
  readOnly: boolean;
  found: Map<string, Api["Finding"][]>;
  set: (path: Path, value: Value | undefined) => void; // undefined takes the key away
  add: (path: Path, item: Value) => void;
  edit: (by: (source: Source) => string) => void;
};

export const textOf = (sheet: Sheet, path: Path) => (sheet.source ? textAt(sheet.source, path) : undefined);

type LabelledProps = { sheet: Sheet; path: Path; label: string; wide?: boolean; children: (field: { id: string; status?: "error" | "warning"; "aria-describedby"?: string; "aria-invalid"?: boolean }) => ReactNode };

/** A field with its name above it and what was found about it below. */
export function Labelled({ sheet, path, label, wide, children }: LabelledProps) {
  const id = useId();
  const found = sheet.found.get(keyOf(path)) ?? [];
  const bad = found.some((f) => f.severity === "error");
  const heard = found.length > 0 ? { status: bad ? ("error" as const) : ("warning" as const), "aria-describedby": `${id}-found`, "aria-invalid": bad } : {};
  return (
    <div className={wide ? "tasks-field tasks-wide" : "tasks-field"}>
      <label htmlFor={id}>{label}</label>
      {children({ id, ...heard })}
      {found.length > 0 && <Found id={`${id}-found`} found={found} />}
    </div>
  );
}

export function Found({ id, found }: { id: string; found: Api["Finding"][] }) {
  return (
    <ul id={id} className="tasks-plain tasks-found">
      {found.map((f, i) => (
        <li key={i}><span className={`state-${f.severity === "error" ? "failed" : "waiting"}`}><span className="tasks-glyph" aria-hidden="true">{f.severity === "error" ? "✕" : "▲"}</span></span> {f.message}</li>
      ))}
    </ul>
  );
}

/** A field for a text, a number or the lines of a script. Emptied, it takes its key away once it is left. */
export function TextField({ sheet, field }: { sheet: Sheet; field: Field }) {
  const t = useWords(words);
  const [typed, setTyped] = useState<string>(); // while one is at it
  const value = textOf(sheet, field.path);
  const elsewhere = value === undefined && sheet.source !== undefined && hasMore(sheet.source, field.path);

  function type(text: string) {
    setTyped(text);
    if (text.trim() !== "") sheet.set(field.path, typedValue(field, text));
  }
  function leave() {
    if (typed?.trim() === "" && value !== undefined) sheet.set(field.path, undefined);
    setTyped(undefined);
  }
  const common = {
    value: typed ?? value ?? "",
    placeholder: elsewhere ? t("inYaml") : field.example ? t("example", { text: field.example }) : field.hint,
    disabled: sheet.readOnly || elsewhere,
    onChange: (e: { target: { value: string } }) => type(e.target.value),
    onBlur: leave,
    autoComplete: "off",
    spellCheck: false,
  };
  return (
    <Labelled sheet={sheet} path={field.path} label={t(field.word)} wide={field.wide}>
      {(heard) => (field.kind === "lines" ? <Input.TextArea {...heard} {...common} rows={7} className="tasks-lines" /> : <Input {...heard} {...common} />)}
    </Labelled>
  );
}

/** Whether a list or a map stands where the form has one value. */
function hasMore(source: Source, path: Path): boolean {
  const node = nodeAt(source.root, path);
  return node !== undefined && "items" in node;
}

type ChoiceProps = { sheet: Sheet; path: Path; label: string; options: { value: string; label: string }[]; fallback?: string; choose?: (value: string) => void; search?: boolean };

/** One of several. */
export function ChoiceField({ sheet, path, label, options, fallback, choose, search }: ChoiceProps) {
  return (
    <Labelled sheet={sheet} path={path} label={label}>
      {(heard) => (
        <Select
          {...heard}
          value={textOf(sheet, path) ?? fallback}
          options={options}
          disabled={sheet.readOnly}
          showSearch={search ? { optionFilterProp: "label" } : undefined}
          onChange={(value: string) => (choose ? choose(value) : sheet.set(path, value))}
        />
      )}
    </Labelled>
  );
}
