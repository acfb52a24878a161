import { useQueryClient } from "@tanstack/react-query";
import { Form, Input } from "antd";
import { api, body } from "../api/client";
import { Ask } from "../ui/ask";
import { useWords } from "../ui/words";
import { dashed, plain } from "./days";
import { useDepartments, useUserChoices } from "./dutydata";
import { words } from "./dutywords";

type Values = { department: string; day: string; until?: string; primary: string; secondary?: string; note?: string };
type Props = { open: boolean; initial: Partial<Values>; close: () => void };

/** Asks who is to be on duty, in which days. */
export function SetDays({ open, initial, close }: Props) {
  const t = useWords(words);
  const queries = useQueryClient();
  const users = useUserChoices();
  const departments = useDepartments();
  const needed = [{ required: true, whitespace: true, message: t("required") }];
  async function put(v: Values & { reason?: string }) {
    const request = { primary: v.primary.trim(), secondary: v.secondary?.trim() || undefined, note: v.note?.trim() || undefined, until: v.until ? plain(v.until) : undefined, reason: v.reason ?? "" };
    await body(api.POST("/api/v1/duty/{department}/{day}", { params: { path: { department: v.department.trim(), day: plain(v.day) } }, body: request }));
    await queries.invalidateQueries({ queryKey: ["duty"] });
  }
  return (
    <Ask<Values> open={open} title={t("setTitle")} verb={t("setVerb")} reason="required" initial={{ ...initial, day: initial.day && dashed(initial.day) }} act={put} close={close}>
      <p className="faint">{t("setWhat")}</p>
      <div className="alerts-two">
        <Form.Item name="department" className="whole" label={t("department")} rules={needed}><Input list="duty-departments" autoComplete="off" /></Form.Item>
        <Form.Item name="day" label={t("day")} rules={needed}><Input type="date" /></Form.Item>
        <Form.Item name="until" label={t("until")}><Input type="date" /></Form.Item>
        <Form.Item name="primary" label={t("first")} rules={needed}><Input list="duty-users" autoComplete="off" /></Form.Item>
        <Form.Item name="secondary" label={t("second")}><Input list="duty-users" autoComplete="off" placeholder={t("secondHint")} /></Form.Item>
        <Form.Item name="note" label={t("note")} className="whole"><Input maxLength={200} /></Form.Item>
      </div>
      <datalist id="duty-users">{users.map((u) => <option key={u.value} value={u.value} label={u.label} />)}</datalist>
      <datalist id="duty-departments">{departments.map((d) => <option key={d} value={d} />)}</datalist>
    </Ask>
  );
}
