import { ControlOutlined } from "@ant-design/icons";
import { Button, Checkbox } from "antd";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { choiceOf } from "./chosen";
import { listWords } from "./listwords";
import type { Column } from "./table";
import { useWords } from "./words";

type Props<Row> = { columns: Pick<Column<Row>, "key" | "title">[]; chosen: string[]; usual: string[]; choose: (keys: string[]) => void };

/** A button that opens a list of columns to tick; Escape and leaving it close it. */
export default function ColumnMenu<Row>({ columns, chosen, usual, choose }: Props<Row>) {
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
