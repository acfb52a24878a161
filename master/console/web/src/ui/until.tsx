import { Form, Input, Select } from "antd";
import { useZone } from "../frame/session";
import { instantOf } from "./instants";
import { untilWords } from "./untilwords";
import { useWords } from "./words";

/** The fields of an end: a length of time from now, or an instant in the cluster's zone. */
export type End = { end?: string; instant?: string };

const lengths: Record<string, number> = { end30m: 1_800, end1h: 3_600, end2h: 7_200, end4h: 14_400, end8h: 28_800, end1d: 86_400, end3d: 259_200, end7d: 604_800 };
const choices = ["endNone", "end30m", "end1h", "end2h", "end4h", "end8h", "end1d", "end3d", "end7d", "endAt"] as const;

/** What the interface takes for an end. */
export function endOf(values: End, zone: string): { forSeconds?: number; until?: number } {
  if (values.end === "endAt" && values.instant) return { until: instantOf(values.instant, zone) };
  const seconds = lengths[values.end ?? ""];
  return seconds ? { forSeconds: seconds } : {};
}

/** Chooses until when something holds. */
export function Until() {
  const t = useWords(untilWords);
  const zone = useZone();
  const end = Form.useWatch<string | undefined>("end");
  const coming = (_: unknown, text?: string) => (text && instantOf(text, zone) > Date.now() ? Promise.resolve() : Promise.reject(new Error(t("endPast"))));
  return (
    <>
      <Form.Item name="end" label={t("end")} initialValue="endNone">
        <Select options={choices.map((c) => ({ value: c, label: t(c) }))} />
      </Form.Item>
      {end === "endAt" && (
        <Form.Item name="instant" label={t("endInstant", { zone })} rules={[{ validator: coming }]}>
          <Input type="datetime-local" />
        </Form.Item>
      )}
    </>
  );
}
