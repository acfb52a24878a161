import { useQueryClient } from "@tanstack/react-query";
import { Form, Input } from "antd";
import { type Api, api, body } from "../api/client";
import { Ask } from "../ui/ask";
import { useWords } from "../ui/words";
import { words } from "./words";

type Props = { incident?: Pick<Api["Incident"], "code" | "cause" | "root">; close: () => void };

/** Asks whether one has seen an incident, with a note for the others. */
export function AskAck({ incident, close }: Props) {
  const t = useWords(words);
  const queries = useQueryClient();
  const code = incident?.code ?? "";
  async function ack({ note }: { note?: string }) {
    await body(api.POST("/api/v1/incidents/{code}/ack", { params: { path: { code } }, body: { note: note?.trim() || undefined } }));
    await queries.invalidateQueries({ queryKey: ["alert"] });
  }
  return (
    <Ask<{ note?: string }> open={incident !== undefined} title={t("ackTitle", { code })} verb={t("ackVerb")} act={ack} close={close}>
      <p className="alerts-wrap">{incident?.cause ?? incident?.root}</p>
      <p className="faint">{t("ackWhat")}</p>
      <Form.Item name="note" label={t("note")}>
        <Input placeholder={t("noteHint")} maxLength={400} />
      </Form.Item>
    </Ask>
  );
}
