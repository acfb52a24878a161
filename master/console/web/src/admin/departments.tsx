import { Form, Input } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { AskAct } from "../ui/askact";
import { To } from "../ui/link";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { useWords } from "../ui/words";
import { peopleWords } from "./peoplewords";
import { Shell } from "./shell";
import { useDone } from "./usedone";
import { words } from "./words";

type Department = Api["Department"];
type Said = { said: (sentence: string) => void };

export default function Departments() {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const [said, setSaid] = useState("");
  const list = usePagedList<Department>(["department", "list"], (cursor, signal) => body(api.GET("/api/v1/departments", { params: { query: { cursor, limit: 200 } }, signal })));
  const columns: Column<Department>[] = [
    { key: "name", title: t("department"), show: (d) => d.name },
    { key: "users", title: t("users"), className: "num", show: (d) => <To to="/admin/users" search={{ q: d.name }}>{d.users}</To> },
    { key: "projects", title: t("projects"), className: "num", show: (d) => d.projects },
    { key: "actions", title: t("actions"), className: "nowrap", show: (d) => <span className="admin-buttons"><Rename department={d} said={setSaid} /><Delete department={d} said={setSaid} /></span> },
  ];
  return (
    <Shell title={t("departments")} actions={<NewDepartment said={setSaid} />} said={said} forget={() => setSaid("")}>
      <ListTable label={t("departments")} columns={columns} {...list} idOf={(d) => d.name} empty={own("noDepartments")} />
    </Shell>
  );
}

function NameField({ label }: { label: string }) {
  const own = useWords(peopleWords);
  return (
    <Form.Item name="name" label={label} extra={own("nameRule")} rules={[{ required: true, whitespace: true }]}>
      <Input autoComplete="off" />
    </Form.Item>
  );
}

function NewDepartment({ said }: Said) {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const done = useDone(said, "department", "user");
  const act = async (v: { name: string; reason?: string }) => {
    await api.POST("/api/v1/departments", { body: { name: v.name.trim(), reason: v.reason } });
    await done();
  };
  return (
    <AskAct<{ name: string }> action="user.manage" label={own("newDepartment")} title={own("newDepartment")} verb={own("makeDepartment")} reason="optional" button={{ type: "primary", size: "middle" }} act={act}>
      <NameField label={t("name")} />
    </AskAct>
  );
}

function Rename({ department, said }: Said & { department: Department }) {
  const own = useWords(peopleWords);
  const done = useDone(said, "department", "user");
  const title = own("renameDepartment", { name: department.name });
  const act = async (v: { name: string; reason?: string }) => {
    await api.POST("/api/v1/departments/{name}/rename", { params: { path: { name: department.name } }, body: { name: v.name.trim(), reason: v.reason } });
    await done();
  };
  return (
    <AskAct<{ name: string }> action="user.manage" label={own("rename")} of={department.name} title={title} reason="optional" initial={{ name: department.name }} act={act}>
      <NameField label={own("newName")} />
    </AskAct>
  );
}

function Delete({ department, said }: Said & { department: Department }) {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const done = useDone(said, "department", "user");
  const title = own("deleteDepartment", { name: department.name });
  const act = async (v: { reason?: string }) => {
    await api.POST("/api/v1/departments/{name}/delete", { params: { path: { name: department.name } }, body: { reason: v.reason } });
    await done();
  };
  return (
    <AskAct action="user.manage" label={t("delete")} of={department.name} title={title} danger reason="optional" act={act}>
      <p>{own("deleteDepartmentText")}</p>
    </AskAct>
  );
}
