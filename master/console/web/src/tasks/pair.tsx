import { type ReactNode, useSyncExternalStore } from "react";
import { useWords } from "../ui/words";
import { words } from "./formwords";
import { TabBar } from "../ui/tabbar";

export type Side = "form" | "yaml";

const sides: Side[] = ["form", "yaml"];

const narrow = matchMedia("(max-width: 900px)");

function onTurn(told: () => void) {
  narrow.addEventListener("change", told);
  return () => narrow.removeEventListener("change", told);
}

type Props = { at: Side; choose: (side: Side) => void; form: ReactNode; yaml: ReactNode };

/** The form and the text of a task file side by side; where there is no room, one of them. */
export function Pair({ at, choose, form, yaml }: Props) {
  const t = useWords(words);
  const isNarrow = useSyncExternalStore(onTurn, () => narrow.matches);
  if (!isNarrow) return <>{form}<div className="tasks-text">{yaml}</div></>;
  return (
    <div>
      <TabBar label={t("formOrYaml")} tabs={sides.map((key) => ({ key, label: t(key) }))} at={at} choose={choose}>
        {at === "form" ? form : yaml}
      </TabBar>
    </div>
  );
}
