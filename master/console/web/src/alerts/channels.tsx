import { useQuery } from "@tanstack/react-query";
import { Input, Select } from "antd";
import { useState } from "react";
import { api, body } from "../api/client";
import { Act } from "../ui/act";
import { Fact } from "../ui/fact";
import { Time } from "../ui/time";
import { TroubleBox } from "../ui/trouble";
import { useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { Mark } from "./parts";
import { Templates } from "./templates";
import { words } from "./words";

const channels = ["mail", "sms", "phone", "webhook"] as const;
type Channel = (typeof channels)[number];

/** Test messages, and the texts that short messages are made of. */
export function Channels() {
  const t = useWords(words);
  const [url, set] = useUrl();
  return (
    <>
      <h2>{t("test")}</h2>
      <p className="faint">{t("testWhat")}</p>
      <Test done={(id) => set({ test: String(id) })} />
      {url.test && <Result id={Number(url.test)} />}
      <Templates />
    </>
  );
}

function Test({ done }: { done: (id: number) => void }) {
  const t = useWords(words);
  const [channel, setChannel] = useState<Channel>("mail");
  const [name, setName] = useState("");
  const [to, setTo] = useState("");
  const [lang, setLang] = useState("");
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<unknown>();
  const hook = channel === "webhook";

  async function send() {
    setBusy(true);
    setTrouble(undefined);
    try {
      const request = { channel: hook ? `webhook:${name.trim()}` : channel, to: hook ? undefined : to.trim() || undefined, lang: lang || undefined };
      done((await body(api.POST("/api/v1/alerts/test", { body: request }))).id);
    } catch (error) {
      setTrouble(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className="alerts-box" onSubmit={(e) => { e.preventDefault(); void send(); }}>
      <div className="alerts-fields">
        <label>{t("byChannel")}<Select aria-label={t("byChannel")} value={channel} onChange={setChannel} style={{ width: 140 }} options={channels.map((c) => ({ value: c, label: t(c) }))} /></label>
        {hook && <label>{t("webhookName")}<Input value={name} onChange={(e) => setName(e.target.value)} style={{ width: 180 }} /></label>}
        {!hook && <label>{t("recipient")}<Input value={to} onChange={(e) => setTo(e.target.value)} placeholder={t("recipientHint")} style={{ width: 220 }} /></label>}
        <label>{t("language")}<Select aria-label={t("language")} value={lang} onChange={setLang} style={{ width: 150 }} options={[{ value: "", label: t("ownLanguage") }, { value: "en", label: "English" }, { value: "zh", label: "中文" }]} /></label>
        <Act action="alert.test" type="primary" htmlType="submit" loading={busy} disabled={hook && name.trim() === ""}>{t("send")}</Act>
      </div>
      {trouble !== undefined && <div style={{ marginTop: 12 }}><TroubleBox trouble={trouble} /></div>}
    </form>
  );
}

/** What has become of a test message: no event tells of it, so it is asked for until it has ended. */
function Result({ id }: { id: number }) {
  const t = useWords(words);
  const q = useQuery({
    queryKey: ["alert-test", id],
    queryFn: ({ signal }) => body(api.GET("/api/v1/alert-tests/{id}", { params: { path: { id } }, signal })),
    refetchInterval: (query) => (query.state.data?.state === "waiting" ? 1000 : false),
  });
  if (q.error && !q.data) return <TroubleBox trouble={q.error} retry={() => void q.refetch()} />;
  if (!q.data) return null;
  const test = q.data;
  return (
    <dl className="facts alerts-box" aria-live="polite">
      <Fact name={t("testNo", { id })}><State state={test.state} /></Fact>
      <Fact name={t("byChannel")}>{test.channel}</Fact>
      <Fact name={t("recipient")}>{test.to} {test.address !== test.to && <span className="faint">{test.address}</span>}</Fact>
      <Fact name={t("answer")}>{test.answer ?? "–"}</Fact>
      <Fact name={t("sentText")}>{test.text ?? "–"}</Fact>
      <Fact name={t("put")}><Time at={test.putAt} /></Fact>
      <Fact name={t("finished")}><Time at={test.endedAt} /></Fact>
    </dl>
  );
}

function State({ state }: { state: string }) {
  const t = useWords(words);
  if (state === "sent") return <Mark look="good" glyph="✓" word={t("testSent")} />;
  if (state === "failed") return <Mark look="bad" glyph="✕" word={t("testFailed")} />;
  return <Mark look="wait" glyph="○" word={t("testWaiting")} />;
}
