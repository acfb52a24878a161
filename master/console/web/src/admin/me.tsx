import { useQueryClient } from "@tanstack/react-query";
import { Alert, Form, Input, Segmented } from "antd";
import { useState } from "react";
import { type Api, api } from "../api/client";
import { useMe } from "../frame/session";
import { useSetLook } from "../frame/setlook";
import { AskAct } from "../ui/askact";
import { To } from "../ui/link";
import { useMode } from "../ui/look";
import { Time } from "../ui/time";
import { useLang, useWords } from "../ui/words";
import { ReachedFields } from "./fields";
import { usePermissions } from "./gate";
import { PasswordField } from "./passwordfield";
import { peopleWords } from "./peoplewords";
import { Shell } from "./shell";
import { Fact } from "./user";
import { words } from "./words";

type Who = Api["Me"];

export default function Me() {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const me = useMe().data;
  const [said, setSaid] = useState("");
  return (
    <Shell title={t("me")} said={said} forget={() => setSaid("")} actions={me && <><ChangeReached me={me} said={setSaid} /><ChangePassword me={me} said={setSaid} /></>}>
      {me?.user.mustChange && <Alert className="admin-said" type="warning" showIcon title={own("mustChangeText")} />}
      {me && <WhoFacts me={me} />}
      <Looks />
      {me && <MayDo me={me} />}
    </Shell>
  );
}

function WhoFacts({ me }: { me: Who }) {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const u = me.user;
  const lang = u.lang === "zh" ? t("chinese") : u.lang === "en" ? t("english") : t("asCluster");
  return (
    <>
      <dl className="facts">
        <Fact name={t("name")} value={u.name} />
        <Fact name={t("title")} value={u.title || "–"} />
        <Fact name={t("role")} value={me.role} />
        <Fact name={t("department")} value={u.department || "–"} />
        <Fact name={t("mail")} value={u.mail || "–"} />
        <Fact name={t("phone")} value={u.phone || "–"} />
        <Fact name={t("lang")} value={lang} />
        <Fact name={own("lastLogin")} value={<Time at={u.lastLoginAt} full />} />
        <Fact name={own("credential")} value={<>{me.by === "token" ? own("token", { name: me.token ?? "" }) : own("session")}{me.expiresAt ? <>, {own("until")} <Time at={me.expiresAt} full /></> : null}</>} />
        <Fact name={own("memberOf")} value={me.projects?.join(", ") || t("none")} />
      </dl>
      <p className="faint">{own("changeOthers")}</p>
    </>
  );
}

type Reached = { mail?: string; phone?: string; lang?: string };

const reached = ["mail", "phone", "lang"] as const;

function ChangeReached({ me, said }: { me: Who; said: (sentence: string) => void }) {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const queries = useQueryClient();
  const u = me.user;
  if (u.mustChange) return null; // the password comes first
  const act = async (v: Reached) => {
    const changed = Object.fromEntries(reached.filter((key) => (v[key] ?? "") !== (u[key] ?? "")).map((key) => [key, v[key] ?? ""]));
    await api.POST("/api/v1/me", { body: changed });
    said(t("done"));
    await Promise.all([queries.invalidateQueries({ queryKey: ["me"] }), queries.invalidateQueries({ queryKey: ["user"] })]);
  };
  return (
    <AskAct<Reached> action="self.manage" label={own("changeReached")} title={own("changeReached")} verb={t("save")} initial={{ mail: u.mail ?? "", phone: u.phone ?? "", lang: u.lang ?? "" }} button={{ size: "middle" }} act={act}>
      <p>{own("changeReachedText")}</p>
      <ReachedFields own />
    </AskAct>
  );
}

function ChangePassword({ me, said }: { me: Who; said: (sentence: string) => void }) {
  const own = useWords(peopleWords);
  const queries = useQueryClient();
  if (!me.user.hasPassword) return <span className="faint">{own("noPassword")}</span>;
  const act = async (v: { old: string; new: string }) => {
    await api.POST("/api/v1/me/password", { body: { old: v.old, new: v.new } });
    said(own("passwordChanged"));
    await queries.invalidateQueries();
  };
  return (
    <AskAct<{ old: string; new: string; again: string }> action="self.manage" label={own("changePassword")} title={own("changePassword")} verb={own("changePassword")} button={{ size: "middle", type: "primary" }} act={act}>
      <p>{own("changePasswordText")}</p>
      <Form.Item name="old" label={own("oldPassword")} rules={[{ required: true }]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <PasswordField name="new" label={own("newPassword")} help={own("passwordRule")} required />
      <Form.Item name="again" label={own("repeat")} dependencies={["new"]} rules={[{ required: true }, ({ getFieldValue }) => ({ validator: (_, value) => (value === getFieldValue("new") ? Promise.resolve() : Promise.reject(new Error(own("different")))) })]}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
    </AskAct>
  );
}

function Looks() {
  const own = useWords(peopleWords);
  const lang = useLang();
  const mode = useMode();
  const { setLang, setMode } = useSetLook();
  return (
    <div className="filters">
      <span>{own("consoleLang")}</span>
      <Segmented aria-label={own("consoleLang")} value={lang} onChange={setLang} options={[{ value: "en", label: "English" }, { value: "zh", label: "中文" }]} />
      <span>{own("look")}</span>
      <Segmented aria-label={own("look")} value={mode} onChange={setMode} options={[{ value: "light", label: own("light") }, { value: "dark", label: own("dark") }]} />
    </div>
  );
}

function MayDo({ me }: { me: Who }) {
  const own = useWords(peopleWords);
  const lang = useLang();
  const texts = new Map(usePermissions().data?.items?.map((p) => [p.action, lang === "zh" ? p.textZh : p.text]));
  return (
    <>
      <h2>{own("mayDo")}</h2>
      <ul>
        {(me.actions ?? []).map((a) => (
          <li key={a.action}>
            {texts.get(a.action) ?? a.action} <span className="faint"><code>{a.action}</code>, {own(a.everywhere ? "everywhere" : "own")}</span>
          </li>
        ))}
      </ul>
      <p>
        <To to="/admin/permissions">{own("allPermissions")}</To>
      </p>
    </>
  );
}
