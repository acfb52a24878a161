import { ControlOutlined } from "@ant-design/icons";
import { Button, Checkbox } from "antd";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { choiceOf, chosenKeys } from "./chosen";
import { listWords } from "./listwords";
import type { Column } from "./table";
import { useUrl } from "./url";
import { useWords } from "./words";

/** The columns of a list of which some are shown: `cols=` of the address says which, or what was chosen in this browser before. The first is always there. */
export function useColumnChoice<Row>(list: string, columns: Column<Row>[], usual: readonly string[]) {
  const [url, set] = useUrl();
  const kept = `capri.cols.${list}`;
  const optional = columns.slice(1);
  const keys = optional.map((c) => c.key);
  const chosen = chosenKeys(url.cols ?? localStorage.getItem(kept), keys, usual);
  const choose = (next: string[]) => {
    const choice = choiceOf(next, usual);
    if (choice === undefined) localStorage.removeItem(kept);
    else localStorage.setItem(kept, choice);
    set({ cols: choice });
  };
  const shown = [...columns.slice(0, 1), ...optional.filter((c) => chosen.includes(c.key))];
  return { shown, menu: <ColumnMenu columns={optional} chosen={chosen} choose={choose} usual={[...usual]} /> };
}

type Props<Row> = { columns: Column<Row>[]; chosen: string[]; usual: string[]; choose: (keys: string[]) => void };

/** A button that opens a list of columns to tick; Escape and leaving it close it. */
function ColumnMenu<Row>({ columns, chosen, usual, choose }: Props<Row>) {
  const t = useWords(listWords);
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const toggle = (key: string) => choose(chosen.includes(key) ? chosen.filter((k) => k !== key) : [...chosen, key]);
  const press = (e: KeyboardEvent) => {
    if (e.key !== "Escape" || !open) return;
    e.stopPropagation();
    setOpen(false);
    box.current?.querySelector("button")?.focus();
  };
  return (
    <div ref={box} onKeyDown={press} onBlur={(e) => { if (!e.currentTarget.contains(e.relatedTarget)) setOpen(false); }}>
      <Button size="small" type="text" className="list-button" icon={<ControlOutlined aria-hidden />} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>{t("columns")}</Button>
      <fieldset id={id} className="list-columns" hidden={!open} tabIndex={-1}>
        <legend>{t("columnsHint")}</legend>
        {columns.map((c) => <Checkbox key={c.key} checked={chosen.includes(c.key)} disabled={chosen.length === 1 && chosen.includes(c.key)} onChange={() => toggle(c.key)}>{c.title}</Checkbox>)}
        <Button size="small" disabled={choiceOf(chosen, usual) === undefined} onClick={() => choose(usual)}>{t("usual")}</Button>
      </fieldset>
    </div>
  );
}
