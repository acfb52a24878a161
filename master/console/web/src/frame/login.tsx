import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Card, Form, Input } from "antd";
import { useState } from "react";
import { Trouble, api } from "../api/client";
import { TroubleBox } from "../ui/trouble";
import { useGo, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { words } from "./words";

type Credentials = { name: string; password: string };

export default function Login() {
  const t = useWords(words);
  const go = useGo();
  const queries = useQueryClient();
  const [url] = useUrl();
  const [trouble, setTrouble] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  async function login({ name, password }: Credentials) {
    setBusy(true);
    setTrouble(undefined);
    try {
      await api.POST("/api/v1/login", { body: { name, password, session: true, client: "console" } });
      queries.clear();
      if (url.to?.startsWith("/") && !url.to.startsWith("//")) location.assign(url.to);
      else go("/");
    } catch (error) {
      setTrouble(error);
    } finally {
      setBusy(false);
    }
  }

  const refused = trouble instanceof Trouble && (trouble.status === 401 || trouble.status === 404);
  return (
    <main className="login">
      <Card>
        <h1>{t("loginTitle")}</h1>
        {url.to !== undefined && trouble === undefined && <Alert type="info" title={t("ended")} />}
        {refused && <Alert type="error" title={t("wrong")} role="alert" />}
        {trouble !== undefined && !refused && <TroubleBox trouble={trouble} />}
        <Form<Credentials> layout="vertical" onFinish={login} requiredMark={false}>
          <Form.Item name="name" label={t("name")} rules={[{ required: true }]}>
            <Input autoFocus autoComplete="username" />
          </Form.Item>
          <Form.Item name="password" label={t("password")} rules={[{ required: true }]}>
            <Input.Password autoComplete="current-password" />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={busy} block>
            {t("login")}
          </Button>
        </Form>
      </Card>
    </main>
  );
}
