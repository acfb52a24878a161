import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Form, Input, Select } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { AskAct } from "../ui/askact";
import { FilterText } from "../ui/filtertext";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { useUrl } from "../ui/url";
import { useLang, useWords } from "../ui/words";
import { accessWords } from "./accesswords";
import { Shell } from "./shell";
import { words } from "./words";

type Setting = Api["Setting"];

/** Nobody has touched it since the database was made. */
const asInstalled = (s: Setting) => s.changedBy === "migration";

/** A value as it is read, with its unit. */
function useValue() {
  const own = useWords(accessWords);
  return (s: Setting, value: string) => (value === "" ? own("empty") : s.unit && s.unit in accessWords.en ? `${value} ${own(s.unit as keyof typeof accessWords.en)}` : value);
}

export default function Settings() {
  const t = useWords(words);
  const own = useWords(accessWords);
  const [url, set] = useUrl();
  const [said, setSaid] = useState("");
  const lang = useLang();
  const settings = useQuery({ queryKey: ["setting", "list", lang], queryFn: ({ signal }) => body(api.GET("/api/v1/settings", { params: { query: { lang } }, signal })) });
  const q = (url.q ?? "").toLowerCase();
  const rows = settings.data?.items?.filter((s) => `${s.key} ${s.meaning}`.toLowerCase().includes(q) && (url.changed !== "true" || s.changed));
  return (
    <Shell title={t("settings")} said={said} forget={() => setSaid("")}>
      <div className="filters" role="search">
        <FilterText name="q" label={own("filterSetting")} width={260} />
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
  const shown = useValue();
  return [
    { key: "key", title: own("setting"), show: (s) => <code>{s.key}</code> },
    { key: "value", title: own("value"), show: (s) => <div className={s.changed ? "admin-value admin-is" : "admin-value"}>{shown(s, s.value)}</div> },
    { key: "default", title: own("default"), show: (s) => (s.kind === "zone" ? <span className="faint">{own("fixed")}</span> : s.changed ? <div className="admin-value">{shown(s, s.default)}</div> : <span className="faint">{own("isDefault")}</span>) },
    { key: "meaning", title: own("meaning"), show: (s) => <div className="admin-text admin-wide">{s.meaning}</div> },
    { key: "by", title: own("changedBy"), show: (s) => (asInstalled(s) ? <span className="faint">{own("neverChanged")}</span> : <>{s.changedBy}, <Time at={s.changedAt} /></>) },
    { key: "actions", title: t("actions"), show: (s) => s.kind !== "zone" && <span className="admin-buttons"><Change setting={s} said={said} />{s.changed && <Reset setting={s} said={said} />}</span> },
  ];
}

type Dialog = { setting: Setting; said: (sentence: string) => void };

/** Saves a value of a setting and reads all settings again. */
function usePut({ setting, said }: Dialog) {
  const t = useWords(words);
  const queries = useQueryClient();
  return async (value: string, reason?: string) => {
    await api.POST("/api/v1/settings/{name}", { params: { path: { name: setting.key } }, body: { value, reason } });
    said(t("done"));
    await queries.invalidateQueries({ queryKey: ["setting"] });
  };
}

function Change(props: Dialog) {
  const { setting } = props;
  const t = useWords(words);
  const own = useWords(accessWords);
  const shown = useValue();
  const put = usePut(props);
  return (
    <AskAct<{ value?: string }> action="setting.change" label={t("change")} of={setting.key} title={own("changeSetting", { key: setting.key })} verb={t("save")} reason="required" initial={{ value: setting.value }} act={(v) => put(v.value ?? "", v.reason)}>
      <p>{setting.meaning}</p>
      <p className="faint">{own("now", { value: shown(setting, setting.value) })} · {own("default")}: {shown(setting, setting.default)}</p>
      <ValueField setting={setting} />
    </AskAct>
  );
}

function ValueField({ setting }: { setting: Setting }) {
  const t = useWords(words);
  const own = useWords(accessWords);
  const number = setting.kind === "number";
  const label = setting.unit && setting.unit in accessWords.en ? own("inUnit", { unit: own(setting.unit as keyof typeof accessWords.en) }) : own("value");
  if (setting.kind === "language")
    return (
      <Form.Item name="value" label={label}>
        <Select options={[{ value: "en", label: t("english") }, { value: "zh", label: t("chinese") }]} />
      </Form.Item>
    );
  return (
    <Form.Item name="value" label={label} extra={number ? own("numberHelp") : setting.kind === "instant" ? own("instantHelp") : undefined} rules={number ? [{ required: true, pattern: /^[1-9]\d*$/, message: own("numberHelp") }] : []}>
      <Input autoComplete="off" inputMode={number ? "numeric" : undefined} />
    </Form.Item>
  );
}

function Reset(props: Dialog) {
  const { setting } = props;
  const own = useWords(accessWords);
  const shown = useValue();
  const put = usePut(props);
  return (
    <AskAct action="setting.change" label={own("toDefault")} of={setting.key} title={own("toDefaultOf", { key: setting.key })} verb={own("toDefault")} reason="required" act={(v) => put(setting.default, v.reason)}>
      <p>{setting.meaning}</p>
      <p className="faint">{own("now", { value: shown(setting, setting.value) })} · {own("then", { value: shown(setting, setting.default) })}</p>
    </AskAct>
  );
}
