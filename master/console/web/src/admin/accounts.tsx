import { Form, Input } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { AskAct } from "../ui/askact";
import { To } from "../ui/link";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { enc } from "../ui/url";
import { useWords } from "../ui/words";
import { UserField } from "./fields";
import { peopleWords } from "./peoplewords";
import { Shell } from "./shell";
import { useDone } from "./usedone";
import { words } from "./words";

type Account = Api["Account"];
type Said = { said: (sentence: string) => void };

export default function Accounts() {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const [said, setSaid] = useState("");
  const list = usePagedList<Account>(["account", "list"], (cursor, signal) => body(api.GET("/api/v1/accounts", { params: { query: { cursor, limit: 200 } }, signal })));
  const columns: Column<Account>[] = [
    { key: "name", title: t("name"), show: (a) => a.name },
    { key: "description", title: t("description"), show: (a) => a.description || "–" },
    { key: "users", title: own("users"), show: (a) => <Grants account={a} said={setSaid} /> },
    { key: "created", title: t("created"), className: "nowrap", show: (a) => <Time at={a.createdAt} /> },
    { key: "actions", title: t("actions"), className: "nowrap", show: (a) => <span className="admin-buttons"><Grant account={a} said={setSaid} /><Delete account={a} said={setSaid} /></span> },
  ];
  return (
    <Shell title={t("accounts")} actions={<NewAccount said={setSaid} />} said={said} forget={() => setSaid("")}>
      <ListTable label={t("accounts")} columns={columns} {...list} idOf={(a) => a.name} empty={own("noAccounts")} />
    </Shell>
  );
}

function NewAccount({ said }: Said) {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const done = useDone(said, "account", "user");
  const act = async (v: { name: string; description?: string; reason?: string }) => {
    await api.POST("/api/v1/accounts", { body: { ...v, name: v.name.trim() } });
    await done();
  };
  return (
    <AskAct<{ name: string; description?: string }> action="account.grant" label={own("newAccount")} title={own("newAccount")} verb={own("makeAccount")} reason="optional" button={{ type: "primary", size: "middle" }} act={act}>
      <p>{own("accountText")}</p>
      <Form.Item name="name" label={t("name")} rules={[{ required: true, whitespace: true }]}>
        <Input autoComplete="off" />
      </Form.Item>
      <Form.Item name="description" label={t("description")}>
        <Input autoComplete="off" />
      </Form.Item>
    </AskAct>
  );
}

function Grants({ account, said }: Said & { account: Account }) {
  const t = useWords(words);
  const users = account.users ?? [];
  if (users.length === 0) return <>{t("none")}</>;
  return (
    <span className="admin-chips">
      {users.map((user) => (
        <span key={user} className="admin-chip">
          <To to={`/admin/users/${enc(user)}`}>{user}</To> <TakeBack account={account.name} user={user} said={said} />
        </span>
      ))}
    </span>
  );
}

function Grant({ account, said }: Said & { account: Account }) {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const done = useDone(said, "account", "user");
  const title = own("grantAccount", { name: account.name });
  const act = async (v: { user: string; reason?: string }) => {
    await api.POST("/api/v1/accounts/{name}/grant", { params: { path: { name: account.name } }, body: { user: v.user.trim(), reason: v.reason } });
    await done();
  };
  return (
    <AskAct<{ user: string }> action="account.grant" label={own("grant")} of={account.name} title={title} reason="optional" act={act}>
      <p>{own("grantText", { name: account.name })}</p>
      <UserField name="user" label={t("user")} required />
    </AskAct>
  );
}

function TakeBack({ account, user, said }: Said & { account: string; user: string }) {
  const own = useWords(peopleWords);
  const done = useDone(said, "account", "user");
  const title = own("takeBackFrom", { name: account, user });
  const act = async (v: { reason?: string }) => {
    await api.POST("/api/v1/accounts/{name}/revoke", { params: { path: { name: account } }, body: { user, reason: v.reason } });
    await done();
  };
  return (
    <AskAct action="account.grant" label={own("takeBack")} of={`${account}, ${user}`} title={title} danger reason="required" button={{ type: "text" }} act={act}>
      <p>{own("takeBackText", { name: account, user })}</p>
    </AskAct>
  );
}

function Delete({ account, said }: Said & { account: Account }) {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const done = useDone(said, "account", "user");
  const title = own("deleteAccount", { name: account.name });
  const act = async (v: { reason?: string }) => {
    await api.POST("/api/v1/accounts/{name}/delete", { params: { path: { name: account.name } }, body: { reason: v.reason } });
    await done();
  };
  return (
    <AskAct action="account.grant" label={t("delete")} of={account.name} title={title} danger reason="optional" act={act}>
      <p>{own("deleteAccountText")}</p>
    </AskAct>
  );
}
