import { useQuery } from "@tanstack/react-query";
import { AutoComplete, Form, Input, Select } from "antd";
import type { ReactNode } from "react";
import { api, body } from "../api/client";
import { useWords } from "../ui/words";
import { usePermissions } from "./gate";
import { words } from "./words";

type Field = { name: string; label: string; required?: boolean; help?: ReactNode };

const hasIt = (text: string, option?: { value: string; label?: unknown }) => `${option?.value ?? ""} ${typeof option?.label === "string" ? option.label : ""}`.toLowerCase().includes(text.toLowerCase());

/** A field for a user: any name, with those that there are to choose from. */
export function UserField({ name, label, required, help }: Field) {
  const users = useQuery({ queryKey: ["user", "names"], queryFn: ({ signal }) => body(api.GET("/api/v1/users", { params: { query: { limit: 500 } }, signal })) });
  const options = (users.data?.items ?? []).map((u) => ({ value: u.name, label: u.title ? `${u.name} · ${u.title}` : u.name }));
  return (
    <Form.Item name={name} label={label} extra={help} rules={[{ required, whitespace: true }]}>
      <AutoComplete options={options} showSearch={{ filterOption: hasIt }} />
    </Form.Item>
  );
}

/** A field for a department, or none. */
export function DepartmentField({ name, label }: Field) {
  const t = useWords(words);
  const departments = useQuery({ queryKey: ["department", "names"], queryFn: ({ signal }) => body(api.GET("/api/v1/departments", { params: { query: { limit: 500 } }, signal })) });
  const options = (departments.data?.items ?? []).map((d) => ({ value: d.name, label: d.name }));
  return (
    <Form.Item name={name} label={label}>
      <Select showSearch options={[{ value: "", label: t("none") }, ...options]} />
    </Form.Item>
  );
}

/** A field for a role of people, the least first. */
export function RoleField({ name, label, first }: Field & { first?: { value: string; label: string }[] }) {
  const roles = usePermissions().data?.roles ?? [];
  return (
    <Form.Item name={name} label={label} rules={[{ required: first === undefined }]}>
      <Select options={[...(first ?? []), ...roles.map((r) => ({ value: r, label: r }))]} />
    </Form.Item>
  );
}

/** A field for the language that somebody is sent messages in. */
export function LangField({ name, label }: Field) {
  const t = useWords(words);
  return (
    <Form.Item name={name} label={label}>
      <Select options={[{ value: "", label: t("asCluster") }, { value: "zh", label: t("chinese") }, { value: "en", label: t("english") }]} />
    </Form.Item>
  );
}

/** What is known about a user, in the dialogs that make and change one. */
export function PersonFields() {
  const t = useWords(words);
  return (
    <>
        <Form.Item name="title" label={t("title")}>
          <Input autoComplete="off" />
        </Form.Item>
        <RoleField name="role" label={t("role")} />
        <DepartmentField name="department" label={t("department")} />
        <ReachedFields />
    </>
  );
}

/** How somebody is reached; own: the reader. */
export function ReachedFields({ own }: { own?: boolean }) {
  const t = useWords(words);
  return (
    <>
      <Form.Item name="mail" label={t("mail")}>
        <Input type="email" autoComplete={own ? "email" : "off"} />
      </Form.Item>
      <Form.Item name="phone" label={t("phone")}>
        <Input type="tel" autoComplete={own ? "tel" : "off"} />
      </Form.Item>
      <LangField name="lang" label={t("lang")} />
    </>
  );
}
