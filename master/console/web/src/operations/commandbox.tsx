import type { Api } from "../api/client";
import { Copy } from "../ui/copy";
import { useWords } from "../ui/words";
import { commandOf } from "./command";
import { planWords } from "./planwords";

const longest = 600; // characters that are shown; all of them are copied

/** The command that does the same in a terminal, to copy. */
export function Command({ request }: { request: Api["PlanRequest"] }) {
  const t = useWords(planWords);
  const command = commandOf(request);
  if (!command) return null;
  return (
    <div>
      <p className="operations-note">{t("sameInTerminal")}</p>
      <div className="operations-command"><code>{command.length > longest ? `${command.slice(0, longest)} …` : command}</code> <Copy text={command} /></div>
    </div>
  );
}
