import { DownloadOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { type Cell, csvOf } from "./csv";
import { gather, type PageOf } from "./gather";
import { listWords } from "./listwords";
import { TroubleBox } from "./trouble";
import { useWords } from "./words";

const most = 20_000; // rows of a file, as many as a plan has at most

export type FileColumn<Row> = { title: string; text: (row: Row) => Cell };

/** What a file is made of: its name, its columns, and how the rows are read. */
export type Csv<Row> = { name: string; columns: FileColumn<Row>[]; read: (cursor: string | undefined) => Promise<PageOf<Row>> };

/** A button that makes a CSV file of all rows that match. */
export default function DownloadCsv<Row>({ name, columns, read }: Csv<Row>) {
  const t = useWords(listWords);
  const [busy, setBusy] = useState(false);
  const [cut, setCut] = useState(false);
  const [trouble, setTrouble] = useState<unknown>();
  async function make() {
    setBusy(true);
    setTrouble(undefined);
    try {
      const found = await gather(read, most);
      setCut(found.cut);
      save(`${name}.csv`, csvOf([columns.map((c) => c.title), ...found.rows.map((row) => columns.map((c) => c.text(row)))]));
    } catch (error) {
      setTrouble(error);
    } finally {
      setBusy(false);
    }
  }
  return (
    <>
      {trouble !== undefined && <TroubleBox trouble={trouble} />}
      <span role="status" className="faint">{cut && t("cut", { n: most })}</span>
      <Button size="small" type="text" className="list-button" icon={<DownloadOutlined aria-hidden />} loading={busy} title={t("csvHint", { n: most })} onClick={() => void make()}>{t("csv")}</Button>
    </>
  );
}

/** Gives a file to the browser, which asks or keeps it as its user wants. */
function save(name: string, text: string) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // some browsers read it only after they have asked
}
