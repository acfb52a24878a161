import type { Api } from "../api/client";
import { Mark } from "../ui/mark";
import { Time } from "../ui/time";
import { useWords } from "../ui/words";
import { peopleWords } from "./peoplewords";
import { words } from "./words";

/** Whether a user is let in, and what stands in the way. */
export function UserState({ user: u }: { user: Api["User"] }) {
  const t = useWords(words);
  const own = useWords(peopleWords);
  return (
    <span className="pieces">
      {u.enabled ? <Mark glyph="✓" colour="ok" word={t("enabled")} /> : <Mark glyph="■" colour="killed" word={t("disabled")} />}
      {u.mustChange && <span className="faint">{own("mustChange")}</span>}
      {u.external && <span className="faint">{own("external")}</span>}
      {u.lockedUntil && u.lockedUntil > Date.now() ? <span className="faint">{own("locked")} <Time at={u.lockedUntil} /></span> : null}
    </span>
  );
}
