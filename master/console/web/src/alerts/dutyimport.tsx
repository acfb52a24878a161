import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Input } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { Act } from "../ui/act";
import { Ask } from "../ui/ask";
import { SmallTable } from "../ui/smalltable";
import { TroubleBox } from "../ui/trouble";
import { useWords } from "../ui/words";
import { DayName } from "./dutyparts";
import { words } from "./dutywords";

type Reply = Api["DutyImportReply"];

/** A roster from elsewhere: what would change first, then the import. */
export function DutyImport() {
  const t = useWords(words);
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const [file, setFile] = useState<string>();
  const [preview, setPreview] = useState<Reply>();
  const [done, setDone] = useState<Reply>();
  const [trouble, setTrouble] = useState<unknown>();
  const [asking, setAsking] = useState(false);

  function write(next: string, name?: string) {
    setText(next);
    setFile(name);
    setPreview(undefined);
    setDone(undefined);
  }
  const send = (request: { dryRun?: boolean; reason?: string }) => body(api.POST("/api/v1/duty/import", { body: { text, file, ...request } }));
  async function look() {
    setTrouble(undefined);
    setDone(undefined);
    try {
      setPreview(await send({ dryRun: true }));
    } catch (error) {
      setTrouble(error);
    }
  }
  async function act({ reason }: { reason?: string }) {
    const reply = await send({ reason });
    setPreview(reply.imported ? undefined : reply);
    setDone(reply.imported ? reply : undefined);
    await queries.invalidateQueries({ queryKey: ["duty"] });
  }
  const changes = (preview?.added ?? 0) + (preview?.changed ?? 0);
  return (
    <>
      <p className="faint">{t("importWhat")}</p>
      <Input.TextArea className="duty-csv" aria-label={t("csv")} value={text} placeholder={t("example")} onChange={(e) => write(e.target.value)} rows={9} spellCheck={false} />
      <div className="duty-pick">
        <label className="pieces">{t("file")} <input type="file" accept=".csv,text/csv,text/plain" onChange={(e) => { const chosen = e.target.files?.[0]; if (chosen) void chosen.text().then((read) => write(read, chosen.name)); }} /></label>
        <Act action="duty.edit" onClick={() => void look()} disabled={text.trim() === ""}>{t("preview")}</Act>
        <Act action="duty.edit" type="primary" onClick={() => setAsking(true)} disabled={changes === 0 || (preview?.findings ?? []).length > 0}>{t("importVerb")}</Act>
      </div>
      {trouble !== undefined && <TroubleBox trouble={trouble} />}
      {done && <Alert type="success" role="status" showIcon title={t("done", { added: done.added, changed: done.changed })} action={<Button size="small" onClick={() => write("")}>{t("close")}</Button>} />}
      {preview && <Preview reply={preview} />}
      <Ask open={asking} title={t("importTitle", { added: preview?.added ?? 0, changed: preview?.changed ?? 0 })} verb={t("importVerb")} reason="required" act={act} close={() => setAsking(false)} />
    </>
  );
}

const names = (n: Api["DutyNames"]) => [n.primary, n.secondary, n.note].filter(Boolean).join(", ") || "–";

function Preview({ reply }: { reply: Reply }) {
  const t = useWords(words);
  const findings = reply.findings ?? [];
  if (findings.length > 0) {
    return (
      <>
        <Alert type="error" role="alert" showIcon title={t("findings")} className="trouble" />
        <SmallTable
          label={t("findings")}
          rows={findings}
          idOf={(f, i) => `${i} ${f.line}`}
          empty=""
          columns={[
            { key: "line", title: t("line"), className: "num", show: (f) => f.line },
            { key: "message", title: t("message"), show: (f) => <>✕ {f.message} <code className="faint">{f.code}</code></> },
          ]}
        />
      </>
    );
  }
  return (
    <>
      <h2>{t("changes")}</h2>
      <p role="status">{t("summary", { added: reply.added, changed: reply.changed, same: reply.same, past: reply.past })}</p>
      <SmallTable
        label={t("changes")}
        rows={reply.items ?? []}
        idOf={(i) => String(i.line)}
        empty={t("nothingNew")}
        columns={[
          { key: "line", title: t("line"), className: "num", show: (i) => i.line },
          { key: "day", title: t("day"), show: (i) => <DayName day={i.day} /> },
          { key: "department", title: t("department"), show: (i) => i.department },
          { key: "action", title: t("action"), show: (i) => (i.action === "add" ? `+ ${t("add")}` : `± ${t("change")}`) },
          { key: "before", title: t("before"), show: (i) => <span className="faint">{names(i.before)}</span> },
          { key: "after", title: t("after"), show: (i) => names(i.after) },
        ]}
      />
    </>
  );
}
