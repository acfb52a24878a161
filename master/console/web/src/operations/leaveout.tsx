import { useWords } from "../ui/words";
import { type Inputs, leavingOut, requestOf } from "./inputs";
import type { Period } from "./numbers";
import { planWords } from "./planwords";
import type { Planning } from "./planning";
import { Field } from "./step";
import { TaskPick } from "./taskpick";

type Props = { inputs: Inputs; set: (patch: Partial<Inputs>) => void };

/** The field of the tasks and batches that are left out. */
export function LeaveOut({ inputs, set }: Props) {
  const t = useWords(planWords);
  const label = t("exclude") + (inputs.kind === "rerun" ? t("excludeHint") : "");
  return <Field label={label}>{(id) => <TaskPick id={id} names={inputs.exclude} choose={(exclude) => set({ exclude })} batches />}</Field>;
}

/** A function that leaves more out and plans again. */
export function leaver({ inputs, set }: Props, period: Period | undefined, planning: Planning) {
  return (names: string[]) => {
    const exclude = leavingOut(inputs.exclude, names);
    set({ exclude });
    void planning.plan(requestOf({ ...inputs, exclude }, period));
  };
}
