import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Form, Input } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { AskAct } from "../ui/askact";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { accessWords } from "./accesswords";
import { Shell } from "./shell";
import { words } from "./words";

type Setting = Api["Setting"];

/** Nobody has changed it since the database was made. */
const asInstalled = (s: Setting) => s.changedBy === "migration";

export default function Settings() {
  const t = useWords(words);
  const own = useWords(accessWords);
  const [url, set] = useUrl();
  const [said, setSaid] = useState("");
  const settings = useQuery({ queryKey: ["setting", "list"], queryFn: ({ signal }) => body(api.GET("/api/v1/settings", { signal })) });
  const q = (url.q ?? "").toLowerCase();
  const rows = settings.data?.items?.filter((s) => `${s.key} ${s.meaning}`.toLowerCase().includes(q) && (url.changed !== "true" || !asInstalled(s)));
  return (
    <Shell title={t("settings")} said={said} forget={() => setSaid("")}>
      <div className="filters" role="search">
        <Input.Search aria-label={own("filterSetting")} placeholder={own("filterSetting")} key={url.q ?? ""} defaultValue={url.q} onSearch={(text) => set({ q: text.trim() || undefined })} allowClear style={{ width: 240 }} />
        <Checkbox checked={url.changed === "true"} onChange={(e) => set({ changed: e.target.checked ? "true" : undefined })}>{own("changedOnly")}</Checkbox>
      </div>
      <ListTable
        label={t("settings")}
        columns={useColumns(setSaid)}
        rows={rows}
        idOf={(s) => s.key}
        trouble={settings.error}
        retry={() => void settings.refetch()}
        empty={<><p>{own("noSettings")}</p><Button onClick={() => set({ q: undefined, changed: undefined })}>{t("clear")}</Button></>}
      />
    </Shell>
  );
}

function useColumns(said: (sentence: string) => void): Column<Setting>[] {
  const t = useWords(words);
  const own = useWords(accessWords);
  return [
    { key: "key", title: own("setting"), show: (s) => <code>{s.key}</code> },
    { key: "value", title: own("value"), show: (s) => <div className="admin-value">{s.value === "" ? <span className="faint">{own("empty")}</span> : s.value}</div> },
    { key: "meaning", title: own("meaning"), show: (s) => <div className="admin-text admin-wide">{s.meaning}</div> },
    { key: "by", title: own("changedBy"), show: (s) => (asInstalled(s) ? <span className="faint">{own("asInstalled")}</span> : <>{s.changedBy}, <Time at={s.changedAt} /></>) },
    { key: "actions", title: t("actions"), show: (s) => <Change setting={s} said={said} /> },
  ];
}

function Change({ setting, said }: { setting: Setting; said: (sentence: string) => void }) {
  const t = useWords(words);
  const own = useWords(accessWords);
  const queries = useQueryClient();
  const title = own("changeSetting", { key: setting.key });
  const act = async (v: { value?: string; reason?: string }) => {
    await api.POST("/api/v1/settings/{name}", { params: { path: { name: setting.key } }, body: { value: v.value ?? "", reason: v.reason } });
    said(t("done"));
    await queries.invalidateQueries({ queryKey: ["setting"] });
  };
  return (
    <AskAct<{ value?: string }> action="setting.change" label={t("change")} of={setting.key} title={title} verb={t("save")} reason="required" initial={{ value: setting.value }} act={act}>
      <p>{setting.meaning}</p>
      <p className="faint">{own("now", { value: setting.value || own("empty") })}</p>
      <Form.Item name="value" label={own("value")}>
        <Input autoComplete="off" />
      </Form.Item>
    </AskAct>
  );
}
