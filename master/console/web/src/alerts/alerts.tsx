import { useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import "./alerts.css";
import { Channels } from "./channels";
import { Explain } from "./explain";
import { History } from "./history";
import { Incidents } from "./incidents";
import { Tabs } from "./parts";
import { Silences } from "./silences";
import { words } from "./words";

const parts = { incidents: Incidents, history: History, silences: Silences, explain: Explain, channels: Channels } as const;
type Part = keyof typeof parts;
const names = Object.keys(parts) as Part[];

export default function Alerts() {
  const t = useWords(words);
  const [url] = useUrl();
  const at = names.find((name) => name === url.tab) ?? "incidents";
  const Shown = parts[at];
  return (
    <>
      <div className="head">
        <h1>{t("alerts")}</h1>
      </div>
      <Tabs path="/alerts" label={t("tabs")} at={at} tabs={names.map((key) => ({ key, title: t(key) }))} />
      <Shown />
    </>
  );
}
