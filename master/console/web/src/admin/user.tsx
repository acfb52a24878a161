import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Skeleton } from "antd";
import { type ReactNode, useState } from "react";
import { type Api, api, body } from "../api/client";
import { useMay } from "../frame/session";
import { AskAct } from "../ui/askact";
import { To } from "../ui/link";
import { Time } from "../ui/time";
import { TroubleBox } from "../ui/trouble";
import { enc } from "../ui/url";
import { useWords } from "../ui/words";
import { PersonFields } from "./fields";
import { PasswordField } from "./passwordfield";
import { peopleWords } from "./peoplewords";
import { Shell } from "./shell";
import { useDone } from "./usedone";
import { UserState } from "./userstate";
import { words } from "./words";

type Detail = Api["UserDetail"];
type Props = { user: Detail; said: (sentence: string) => void };

export default function User() {
  const { name } = useParams({ strict: false }) as { name: string };
  const [said, setSaid] = useState("");
  const detail = useQuery({ queryKey: ["user", "detail", name], queryFn: ({ signal }) => body(api.GET("/api/v1/users/{name}", { params: { path: { name } }, signal })) });
  const actions = detail.data && (
    <>
      <Change user={detail.data} said={setSaid} />
      {!detail.data.external && <SetPassword user={detail.data} said={setSaid} />}
      <Turn user={detail.data} said={setSaid} />
    </>
  );
  return (
    <Shell title={name} actions={actions} said={said} forget={() => setSaid("")}>
      {detail.error && <TroubleBox trouble={detail.error} retry={() => void detail.refetch()} stillShown={detail.data !== undefined} />}
      {detail.isPending && <Skeleton active title={false} paragraph={{ rows: 6 }} />}
      {detail.data && <UserFacts u={detail.data} />}
      <Elsewhere name={name} />
    </Shell>
  );
}

function UserFacts({ u }: { u: Detail }) {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const manages = useMay()("user.manage");
  const lang = u.lang === "zh" ? t("chinese") : u.lang === "en" ? t("english") : t("asCluster");
  return (
    <dl className="facts">
      <Fact name={t("state")} value={<UserState user={u} />} />
      <Fact name={t("title")} value={u.title || "–"} />
      <Fact name={t("role")} value={u.role} />
      <Fact name={t("department")} value={u.department || "–"} />
      {manages && <Fact name={t("mail")} value={u.mail || "–"} />}
      {manages && <Fact name={t("phone")} value={u.phone || "–"} />}
      <Fact name={t("lang")} value={lang} />
      {manages && <Fact name={own("lastLogin")} value={u.lastLoginAt ? <Time at={u.lastLoginAt} full /> : own("never")} />}
      {manages && <Fact name={own("passwordSince")} value={u.passwordAt ? <Time at={u.passwordAt} full /> : own("program")} />}
      <Fact name={t("created")} value={<Time at={u.createdAt} full />} />
      <Fact name={own("grantedAccounts")} value={(u.accounts ?? []).join(", ") || t("none")} />
      <Fact name={own("memberOf")} value={u.projects?.length ? u.projects.map((p) => <span key={p}><To to={`/admin/projects/${enc(p)}`}>{p}</To> </span>) : t("none")} />
    </dl>
  );
}

/** One fact of a list of facts. */
export function Fact({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Elsewhere({ name }: { name: string }) {
  const own = useWords(peopleWords);
  const may = useMay();
  return (
    <p className="pieces">
      {may("user.manage") && <To to="/admin/tokens" search={{ user: name }}>{own("tokensOf", { name })}</To>}
      {may("user.manage") && <To to="/admin/sessions" search={{ user: name }}>{own("sessionsOf", { name })}</To>}
      {may("audit.read") && <To to="/admin/audit" search={{ actor: name }}>{own("auditOf", { name })}</To>}
    </p>
  );
}

type Fields = { title?: string; role?: string; department?: string; mail?: string; phone?: string; lang?: string };

const changeable = ["title", "role", "department", "mail", "phone", "lang"] as const;

/** What of a form differs from the user as it is: only that is sent. */
function differing(now: Detail, v: Fields): Fields {
  return Object.fromEntries(changeable.filter((key) => (v[key] ?? "") !== (now[key] ?? "")).map((key) => [key, v[key] ?? ""]));
}

function Change({ user, said }: Props) {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const done = useDone(said, "user", "me");
  const act = async (v: Fields & { reason?: string }) => {
    await api.POST("/api/v1/users/{name}", { params: { path: { name: user.name } }, body: { ...differing(user, v), reason: v.reason } });
    await done();
  };
  const initial = Object.fromEntries(changeable.map((key) => [key, user[key] ?? ""]));
  return (
    <AskAct<Fields> action="user.manage" label={t("change")} title={own("changeUser", { name: user.name })} verb={t("save")} reason="optional" initial={initial} button={{ size: "middle" }} act={act}>
      <PersonFields />
    </AskAct>
  );
}

function SetPassword({ user, said }: Props) {
  const own = useWords(peopleWords);
  const done = useDone(said, "user", "me");
  const title = own("setPasswordOf", { name: user.name });
  const act = async (v: { password: string; keepPassword?: boolean; reason?: string }) => {
    await api.POST("/api/v1/users/{name}/password", { params: { path: { name: user.name } }, body: v });
    await done();
  };
  return (
    <AskAct<{ password: string; keepPassword?: boolean }> action="user.manage" label={own("setPassword")} title={title} danger reason="optional" button={{ size: "middle" }} act={act}>
      <p>{own("setPasswordText", { name: user.name })}</p>
      <PasswordField name="password" label={own("newPassword")} help={own("passwordRule")} required keep />
    </AskAct>
  );
}

function Turn({ user, said }: Props) {
  const own = useWords(peopleWords);
  const done = useDone(said, "user", "me");
  const [label, title, text] = user.enabled ? (["disable", "disableUser", "disableText"] as const) : (["enable", "enableUser", "enableText"] as const);
  const act = async (v: { reason?: string }) => {
    await api.POST("/api/v1/users/{name}", { params: { path: { name: user.name } }, body: { enabled: !user.enabled, reason: v.reason } });
    await done();
  };
  return (
    <AskAct action="user.manage" label={own(label)} title={own(title, { name: user.name })} danger={user.enabled} reason={user.enabled ? "required" : "optional"} button={{ size: "middle", danger: user.enabled }} act={act}>
      <p>{own(text, { name: user.name })}</p>
    </AskAct>
  );
}
