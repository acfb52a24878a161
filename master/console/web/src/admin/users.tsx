import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { useMay } from "../frame/session";
import { AskAct } from "../ui/askact";
import { FilterText } from "../ui/filtertext";
import { To } from "../ui/link";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { enc, useGo, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { PersonFields } from "./fields";
import { PasswordField } from "./passwordfield";
import { peopleWords } from "./peoplewords";
import { Shell } from "./shell";
import { UserState } from "./userstate";
import { words } from "./words";

type User = Api["User"];

export default function Users() {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const go = useGo();
  const [url, set] = useUrl();
  const [said, setSaid] = useState("");
  const list = usePagedList<User>(["user", "list"], (cursor, signal) => body(api.GET("/api/v1/users", { params: { query: { cursor, limit: 500 } }, signal })));
  const q = (url.q ?? "").toLowerCase();
  const rows = list.rows?.filter((u) => `${u.name} ${u.title ?? ""} ${u.department ?? ""}`.toLowerCase().includes(q));
  return (
    <Shell title={t("users")} actions={<NewUser said={setSaid} />} said={said} forget={() => setSaid("")}>
      <div className="filters" role="search">
        <FilterText name="q" label={own("filterUser")} width={220} />
      </div>
      <ListTable
        label={t("users")}
        columns={useColumns()}
        rows={rows}
        idOf={(u) => u.name}
        trouble={list.trouble}
        retry={list.retry}
        more={list.more}
        open={(u) => go(`/admin/users/${enc(u.name)}`)}
        empty={q === "" ? own("noUsers") : <><p>{own("noMatch")}</p><Button onClick={() => set({ q: undefined })}>{t("clear")}</Button></>}
      />
    </Shell>
  );
}

function useColumns(): Column<User>[] {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const columns: Column<User>[] = [
    { key: "name", title: t("name"), show: (u) => <To to={`/admin/users/${enc(u.name)}`}>{u.name}</To> },
    { key: "title", title: t("title"), show: (u) => u.title || "–" },
    { key: "role", title: t("role"), show: (u) => u.role },
    { key: "department", title: t("department"), show: (u) => u.department || "–" },
    { key: "state", title: t("state"), show: (u) => <UserState user={u} /> },
  ];
  const others: Column<User>[] = [
    { key: "mail", title: t("mail"), show: (u) => u.mail || "–" },
    { key: "phone", title: t("phone"), show: (u) => u.phone || "–" },
    { key: "login", title: own("lastLogin"), className: "nowrap", show: (u) => <Time at={u.lastLoginAt} /> },
  ];
  const created: Column<User> = { key: "created", title: t("created"), className: "nowrap", show: (u) => <Time at={u.createdAt} /> };
  return useMay()("user.manage") ? [...columns, ...others, created] : [...columns, created];
}

type Fields = { name: string; title?: string; role: string; department?: string; mail?: string; phone?: string; lang?: string; password?: string; keepPassword?: boolean };

function NewUser({ said }: { said: (sentence: string) => void }) {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const queries = useQueryClient();
  const go = useGo();
  const act = async (v: Fields & { reason?: string }) => {
    const user = await body(api.POST("/api/v1/users", { body: { ...v, name: v.name.trim(), password: v.password || undefined } }));
    said(t("done"));
    await queries.invalidateQueries({ queryKey: ["user"] });
    go(`/admin/users/${enc(user.name)}`);
  };
  return (
    <AskAct<Fields> action="user.manage" label={own("newUser")} title={own("newUser")} verb={own("makeUser")} reason="optional" initial={{ department: "", lang: "" }} button={{ type: "primary", size: "middle" }} act={act}>
      <Form.Item name="name" label={t("name")} rules={[{ required: true, whitespace: true }]}>
        <Input autoComplete="off" />
      </Form.Item>
      <PersonFields />
      <PasswordField name="password" label={own("firstPassword")} help={`${own("noPasswordText")} ${own("passwordRule")}`} keep />
    </AskAct>
  );
}
