import { PlusOutlined } from "@ant-design/icons";
import { Checkbox, Form, Input } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { Act } from "../ui/act";
import { Ask } from "../ui/ask";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { useWords } from "../ui/words";
import { useChanged } from "./data";
import { words } from "./words";

type Right = Api["AlertRight"];
type Asked = { do: "set"; of?: Right } | { do: "take"; of: Right };

/** Who hears of a task's alerts besides its owner's department. */
export function Rights({ name }: { name: string }) {
  const t = useWords(words);
  const [asked, setAsked] = useState<Asked>();
  const list = usePagedList<Right>(["task", "rights", name], (cursor, signal) =>
    body(api.GET("/api/v1/tasks/{name}/alert-rights", { params: { path: { name }, query: { limit: 100, cursor } }, signal })),
  );
  const yes = (has: boolean) => (has ? <span>✓ <span className="tasks-unseen">{t("yes")}</span></span> : "–");
  const columns: Column<Right>[] = [
    { key: "user", title: t("user"), show: (r) => (r.title ? `${r.title} (${r.user})` : r.user) },
    { key: "sms", title: t("sms"), show: (r) => yes(r.sms) },
    { key: "mail", title: t("mail"), show: (r) => yes(r.mail) },
    { key: "by", title: t("grantedBy"), show: (r) => <>{r.grantedBy} · <Time at={r.grantedAt} /></> },
    {
      key: "acts",
      title: t("change"),
      show: (r) => (
        <span className="pieces">
          <Act action="task.edit" size="small" aria-label={`${t("change")} ${r.user}`} onClick={() => setAsked({ do: "set", of: r })}>{t("change")}</Act>
          <Act action="task.edit" size="small" aria-label={`${t("take")} ${r.user}`} onClick={() => setAsked({ do: "take", of: r })}>{t("take")}</Act>
        </span>
      ),
    },
  ];
  return (
    <>
      <div className="filters">
        <Act action="task.edit" size="small" icon={<PlusOutlined aria-hidden />} onClick={() => setAsked({ do: "set" })}>{t("giveRight")}</Act>
      </div>
      <ListTable label={t("rights")} columns={columns} {...list} idOf={(r) => r.user} empty={t("noRights")} />
      <SetRight name={name} asked={asked?.do === "set"} of={asked?.of} close={() => setAsked(undefined)} />
      <TakeRight name={name} of={asked?.do === "take" ? asked.of : undefined} close={() => setAsked(undefined)} />
    </>
  );
}

type Values = { user: string; channels: ("sms" | "mail")[]; reason?: string };

function SetRight({ name, asked, of, close }: { name: string; asked: boolean; of?: Right; close: () => void }) {
  const t = useWords(words);
  const changed = useChanged();
  const channels = (["sms", "mail"] as const).filter((c) => of?.[c] ?? c === "mail");
  async function give({ user, channels, reason }: Values) {
    const has = (channel: "sms" | "mail") => channels.includes(channel);
    await api.POST("/api/v1/tasks/{name}/alert-rights/{user}", { params: { path: { name, user: user.trim() } }, body: { sms: has("sms"), mail: has("mail"), reason } });
    await changed();
  }
  return (
    <Ask<Values> key={of?.user ?? ""} open={asked} title={t("giveRightTitle", { task: name })} verb={t("giveRight")} reason="optional" initial={{ user: of?.user, channels }} act={give} close={close}>
      <Form.Item name="user" label={t("user")} rules={[{ required: true, whitespace: true }]}>
        <Input autoComplete="off" disabled={of !== undefined} />
      </Form.Item>
      <Form.Item name="channels" label={t("channel")} rules={[{ required: true }]}>
        <Checkbox.Group options={[{ value: "sms", label: t("smsRight") }, { value: "mail", label: t("mail") }]} />
      </Form.Item>
    </Ask>
  );
}

function TakeRight({ name, of, close }: { name: string; of?: Right; close: () => void }) {
  const t = useWords(words);
  const changed = useChanged();
  async function take({ reason }: { reason?: string }) {
    if (!of) return;
    await api.POST("/api/v1/tasks/{name}/alert-rights/{user}/remove", { params: { path: { name, user: of.user } }, body: { reason } });
    await changed();
  }
  return (
    <Ask open={of !== undefined} title={t("takeTitle", { user: of?.user ?? "" })} verb={t("take")} danger reason="optional" act={take} close={close}>
      <p>{t("takeAbout", { task: name })}</p>
    </Ask>
  );
}
