import { useQueryClient } from "@tanstack/react-query";
import { Form, Input, Select } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { Act } from "../ui/act";
import { Ask } from "../ui/ask";
import { To } from "../ui/link";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { useWords } from "../ui/words";
import { dashed, plain } from "./days";
import { useDepartments, useUserChoices } from "./dutydata";
import { words } from "./dutywords";

type Rotation = Api["DutyRotation"];

/** Who is on duty in turn, by department. */
export function Rotations() {
  const t = useWords(words);
  const [editing, setEditing] = useState<Partial<Rotation>>();
  const [removing, setRemoving] = useState<Rotation>();
  const list = usePagedList<Rotation>(["duty", "rotations"], (cursor, signal) => body(api.GET("/api/v1/duty-rotations", { params: { query: { limit: 100, cursor } }, signal })));
  return (
    <>
      <div className="filters">
        <Act action="duty.edit" type="primary" onClick={() => setEditing({})}>{t("newRotation")}</Act>
      </div>
      <ListTable label={t("rotations")} columns={useColumns(setEditing, setRemoving)} {...list} idOf={(r) => r.department} empty={t("noRotation")} />
      <PutRotation key={`${editing !== undefined} ${editing?.department}`} rotation={editing} close={() => setEditing(undefined)} />
      <RemoveRotation rotation={removing} close={() => setRemoving(undefined)} />
    </>
  );
}

function useColumns(edit: (rotation: Rotation) => void, remove: (rotation: Rotation) => void): Column<Rotation>[] {
  const t = useWords(words);
  return [
    { key: "department", title: t("department"), show: (r) => <To to="/duty" search={{ department: r.department, view: "month" }}>{r.department}</To> },
    { key: "members", title: t("members"), show: (r) => (r.members ?? []).map((m, i) => <span key={m.name} title={m.title}>{i > 0 && " → "}{m.name}{!m.enabled && <span className="faint"> (✕ {t("disabled")})</span>}</span>) },
    { key: "every", title: t("every"), className: "num", show: (r) => r.everyDays },
    { key: "start", title: t("start"), className: "nowrap", show: (r) => dashed(r.startDay) },
    { key: "changed", title: t("changed"), className: "nowrap", show: (r) => <>{r.changedBy} <Time at={r.changedAt} /></> },
    {
      key: "acts",
      title: t("acts"),
      className: "nowrap",
      show: (r) => (
        <>
          <Act action="duty.edit" size="small" onClick={() => edit(r)} aria-label={`${t("edit")}: ${r.department}`}>{t("edit")}</Act>{" "}
          <Act action="duty.edit" size="small" danger onClick={() => remove(r)} aria-label={`${t("remove")}: ${r.department}`}>{t("remove")}</Act>
        </>
      ),
    },
  ];
}

type Values = { department: string; members: string[]; everyDays: string; startDay?: string };

function PutRotation({ rotation, close }: { rotation?: Partial<Rotation>; close: () => void }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const users = useUserChoices();
  const departments = useDepartments();
  const needed = [{ required: true, message: t("required") }];
  const initial: Partial<Values> = {
    department: rotation?.department,
    members: (rotation?.members ?? []).map((m) => m.name),
    everyDays: String(rotation?.everyDays ?? 7),
    startDay: rotation?.startDay && dashed(rotation.startDay),
  };
  async function put(v: Values & { reason?: string }) {
    const request = { members: v.members, everyDays: Number(v.everyDays), startDay: v.startDay ? plain(v.startDay) : undefined, reason: v.reason ?? "" };
    await body(api.POST("/api/v1/duty-rotations/{department}", { params: { path: { department: v.department.trim() } }, body: request }));
    await queries.invalidateQueries({ queryKey: ["duty"] });
  }
  return (
    <Ask<Values> open={rotation !== undefined} title={t("rotationTitle")} verb={t("rotationVerb")} reason="required" initial={initial} act={put} close={close}>
      <p className="faint">{t("rotationWhat")}</p>
      <Form.Item name="department" label={t("department")} rules={needed}><Input list="duty-rotation-departments" autoComplete="off" readOnly={rotation?.department !== undefined} /></Form.Item>
      <datalist id="duty-rotation-departments">{departments.map((d) => <option key={d} value={d} />)}</datalist>
      <Form.Item name="members" label={t("members")} rules={needed}><Select mode="tags" options={users} placeholder={t("memberHint")} tokenSeparators={[",", " "]} /></Form.Item>
      <Form.Item name="everyDays" label={t("every")} rules={needed}><Input type="number" min={1} max={366} /></Form.Item>
      <Form.Item name="startDay" label={t("start")} extra={t("startHint")}><Input type="date" /></Form.Item>
    </Ask>
  );
}

function RemoveRotation({ rotation, close }: { rotation?: Rotation; close: () => void }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const department = rotation?.department ?? "";
  async function remove({ reason }: { reason?: string }) {
    await body(api.POST("/api/v1/duty-rotations/{department}/delete", { params: { path: { department } }, body: { reason } }));
    await queries.invalidateQueries({ queryKey: ["duty"] });
  }
  return (
    <Ask open={rotation !== undefined} danger title={t("removeTitle", { department })} verb={t("removeVerb")} reason="required" act={remove} close={close}>
      <p>{t("removeWhat")}</p>
    </Ask>
  );
}
