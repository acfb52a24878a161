import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Checkbox, Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { useMay } from "../frame/session";
import { AskAct } from "../ui/askact";
import { Copy } from "../ui/copy";
import { useWords } from "../ui/words";
import { accessWords } from "./accesswords";
import { RoleField, UserField } from "./fields";
import { words } from "./words";

type Fields = { name: string; user?: string; role?: string; scopes?: string[]; days?: number; host?: string };

const scopes = ["read", "tasks", "batches", "facts", "operate", "admin", "self"];
const lengths = [["d1", 1], ["d7", 7], ["d30", 30], ["d90", 90], ["d365", 365], ["forEver", 0]] as const;

/** Makes a token and shows its secret, this once. */
export function NewToken() {
  const t = useWords(accessWords);
  const all = useWords(words);
  const queries = useQueryClient();
  const manages = useMay()("user.manage");
  const [made, setMade] = useState<Api["TokenReply"]>();
  const act = async ({ days, user, role, host, ...v }: Fields & { reason?: string }) => {
    const token = await body(api.POST("/api/v1/tokens", { body: { ...v, name: v.name.trim(), user: user?.trim() || undefined, role: role || undefined, host: host?.trim() || undefined, expiresInSeconds: (days ?? 0) * 86_400 } }));
    setMade(token);
    void queries.invalidateQueries({ queryKey: ["token"] });
  };
  return (
    <>
      <AskAct<Fields> action="self.manage" label={t("newToken")} title={t("newToken")} verb={t("makeToken")} reason="optional" initial={{ days: 90, role: "" }} button={{ type: "primary", size: "middle" }} act={act}>
        <Form.Item name="name" label={t("tokenName")} rules={[{ required: true, whitespace: true }]}>
          <Input autoComplete="off" />
        </Form.Item>
        {manages && <UserField name="user" label={t("forUser")} help={t("forUserText")} />}
        <Form.Item name="scopes" label={t("scopes")} extra={t("scopesText")}>
          <Checkbox.Group options={scopes} />
        </Form.Item>
        <Form.Item name="days" label={t("goodFor")}>
          <Select options={lengths.map(([name, value]) => ({ value, label: t(name) }))} />
        </Form.Item>
        <RoleField name="role" label={t("atMost")} first={[{ value: "", label: t("asUser") }, ...(manages ? [{ value: "worker", label: "worker" }] : [])]} />
        {manages && (
          <Form.Item name="host" label={t("host")} extra={t("hostText")}>
            <Input autoComplete="off" />
          </Form.Item>
        )}
      </AskAct>
      <Modal open={made !== undefined} title={t("secretTitle", { name: made?.name ?? "" })} onCancel={() => setMade(undefined)} mask={{ closable: false }} footer={<Button type="primary" onClick={() => setMade(undefined)}>{t("closed")}</Button>}>
        <Alert type="warning" title={t("secretText")} className="admin-said" />
        <div className="admin-secret" role="group" aria-label={t("secret")}>
          <code>{made?.secret}</code>
          <Copy text={made?.secret ?? ""} />
        </div>
        <p className="faint">{all("user")}: {made?.user}</p>
      </Modal>
    </>
  );
}
