import { useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import "./alerts.css";
import "./duty.css";
import { DutyImport } from "./dutyimport";
import { Gaps, Mine } from "./dutylists";
import { words } from "./dutywords";
import { Tabs } from "./parts";
import { Roster } from "./roster";
import { Rotations } from "./rotations";

const parts = { roster: Roster, mine: Mine, gaps: Gaps, rotations: Rotations, import: DutyImport } as const;
type Part = keyof typeof parts;
const names = Object.keys(parts) as Part[];

export default function Duty() {
  const t = useWords(words);
  const [url] = useUrl();
  const at = names.find((name) => name === url.tab) ?? "roster";
  const Shown = parts[at];
  return (
    <>
      <div className="head">
        <h1>{t("duty")}</h1>
      </div>
      <Tabs path="/duty" label={t("tabs")} at={at} tabs={names.map((key) => ({ key, title: t(key) }))} />
      <Shown />
    </>
  );
}
