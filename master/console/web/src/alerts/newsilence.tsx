import { useQueryClient } from "@tanstack/react-query";
import { Form, Input, Select } from "antd";
import { api, body } from "../api/client";
import { useZone } from "../frame/session";
import { Ask } from "../ui/ask";
import { instantOf } from "../ui/instants";
import { useWords } from "../ui/words";
import { KindChoices } from "./kinds";
import { words } from "./words";

type Values = { kind?: string; object?: string; task?: string; project?: string; length: string; until?: string };

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const most = 30 * day;
const atTime = "until";
const named = ["kind", "object", "task", "project"] as const;

/** Asks for what a silence covers, why, and until when. */
export function NewSilence({ open, close }: { open: boolean; close: () => void }) {
  const t = useWords(words);
  const zone = useZone();
  const queries = useQueryClient();
  const endOf = (values: Values) => (values.length === atTime ? instantOf(values.until ?? "", zone) : Date.now() + Number(values.length));
  async function put(values: Values & { reason?: string }) {
    const text = (name: (typeof named)[number]) => values[name]?.trim() || undefined;
    await body(api.POST("/api/v1/silences", { body: { kind: text("kind"), object: text("object"), task: text("task"), project: text("project"), reason: values.reason ?? "", endsAt: endOf(values) } }));
    await queries.invalidateQueries({ queryKey: ["alert"] });
  }
  return (
    <Ask<Values> open={open} title={t("silenceTitle")} verb={t("silenceVerb")} reason="required" initial={{ length: String(2 * hour) }} act={put} close={close}>
      <p className="faint">{t("silenceWhat")}</p>
      <div className="alerts-two">
        <Form.Item name="kind" label={t("kind")} dependencies={["object", "task", "project"]} rules={[({ getFieldValue }) => ({ validator: () => (named.some((name) => String(getFieldValue(name) ?? "").trim() !== "") ? Promise.resolve() : Promise.reject(new Error(t("nameOne")))) })]}>
          <Input list="alerts-silence-kinds" autoComplete="off" />
        </Form.Item>
        <KindChoices id="alerts-silence-kinds" />
        <Form.Item name="object" label={t("object")} extra={t("objectStar")}><Input /></Form.Item>
        <Form.Item name="task" label={t("taskName")}><Input /></Form.Item>
        <Form.Item name="project" label={t("project")}><Input /></Form.Item>
        <Form.Item name="length" label={t("forHow")}><Select options={useLengths()} /></Form.Item>
        <Form.Item noStyle dependencies={["length"]}>
          {({ getFieldValue }) => getFieldValue("length") === atTime && (
            <Form.Item name="until" label={`${t("until")} (${zone})`} rules={[{ validator: (_, until: string | undefined) => (isAhead(until, zone) ? Promise.resolve() : Promise.reject(new Error(t("future")))) }]}>
              <Input type="datetime-local" />
            </Form.Item>
          )}
        </Form.Item>
      </div>
    </Ask>
  );
}

function isAhead(until: string | undefined, zone: string): boolean {
  if (!until) return false;
  const at = instantOf(until, zone);
  return at > Date.now() && at <= Date.now() + most;
}

function useLengths() {
  const t = useWords(words);
  return [
    { value: String(30 * minute), label: t("half") },
    { value: String(hour), label: t("hour") },
    ...[2, 4, 8].map((n) => ({ value: String(n * hour), label: t("hours", { n }) })),
    { value: String(day), label: t("day") },
    ...[3, 7].map((n) => ({ value: String(n * day), label: t("days", { n }) })),
    { value: atTime, label: t("untilTime") },
  ];
}
