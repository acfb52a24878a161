import { Time } from "../ui/time";
import { useWords } from "../ui/words";
import type { Check } from "./check";
import { words } from "./editwords";

/** The next batches of each task of the text once it is saved, as the master has them. */
export function Ahead({ check }: { check: Check }) {
  const t = useWords(words);
  if (!check.judged) return null;
  if (check.errors > 0) return <p className="faint">{t("notWithErrors")}</p>;
  const tasks = check.items.filter((i) => i.kind === "Task");
  if (tasks.length === 0) return <p className="faint">{t("noTask")}</p>;
  return tasks.map((task) => (
    <div key={task.name}>
      {tasks.length > 1 && <h3 className="tasks-h3">{task.name}</h3>}
      {task.noNext && <p className="faint">{t(task.noNext)}</p>}
      <ol className="tasks-plain" aria-label={t("nextOf", { name: task.name })}>
        {(task.next ?? []).map((b) => <li key={b.workNo}><code>{b.workNo}</code> <span className="faint">·</span> <Time at={b.at} full /></li>)}
      </ol>
    </div>
  ));
}
