import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Input, Select, Skeleton } from "antd";
import { api, body } from "../api/client";
import { Copy } from "../ui/copy";
import { SmallTable } from "../ui/smalltable";
import { TroubleBox } from "../ui/trouble";
import { useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { words } from "./words";

/** The texts of short messages, as they are registered at a provider. */
export function Templates() {
  const t = useWords(words);
  const [url, set] = useUrl();
  const lang = url.lang === "en" ? ("en" as const) : ("zh" as const);
  const provider = url.provider === "huawei" ? ("huawei" as const) : undefined;
  const link = url.link || undefined;
  const q = useQuery({
    queryKey: ["templates", lang, provider, link],
    queryFn: ({ signal }) => body(api.GET("/api/v1/alerts/templates", { params: { query: { lang, provider, link } }, signal })),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
  return (
    <>
      <h2>{t("templates")}</h2>
      <p className="faint">{t("templatesWhat")}</p>
      <div className="filters">
        <Select aria-label={t("language")} value={lang} onChange={(to) => set({ lang: to === "zh" ? undefined : to })} style={{ width: 110 }} options={[{ value: "zh" as const, label: "中文" }, { value: "en" as const, label: "English" }]} />
        <Select aria-label={t("provider")} value={provider ?? ""} onChange={(to) => set({ provider: to || undefined })} style={{ width: 130 }} options={[{ value: "", label: t("anyProvider") }, { value: "huawei", label: "huawei" }]} />
        <Input.Search aria-label={t("link")} placeholder={t("link")} key={link} defaultValue={link} onSearch={(to) => set({ link: to.trim() || undefined })} allowClear style={{ width: 220 }} />
        {q.data?.signature && <span className="faint">{t("signature")} {q.data.signature}</span>}
      </div>
      {q.error && <TroubleBox trouble={q.error} retry={() => void q.refetch()} stillShown={q.data !== undefined} />}
      {!q.data && !q.error && <Skeleton active title={false} paragraph={{ rows: 5 }} />}
      {q.data && (
        <SmallTable
          label={t("templates")}
          rows={q.data.items ?? []}
          idOf={(r) => r.code}
          empty="–"
          columns={[
            { key: "code", title: t("code"), show: (r) => <>{r.name}<br /><code className="faint">{r.code}</code></> },
            { key: "text", title: t("textLinked"), show: (r) => <Text text={r.text} /> },
            { key: "unlinked", title: t("unlinked"), show: (r) => (r.unlinked ? <Text text={r.unlinked} /> : "–") },
            { key: "variables", title: t("variables"), show: (r) => (r.variables ?? []).map((v) => <div key={v.name} className="nowrap faint" title={v.example}>{t("most", { name: v.name, n: v.most })}</div>) },
          ]}
        />
      )}
    </>
  );
}

function Text({ text }: { text: string }) {
  return (
    <>
      <code className="alerts-code">{text}</code> <Copy text={text} />
    </>
  );
}
