import type { Api } from "../api/client";
import { To } from "../ui/link";
import { useWords } from "../ui/words";
import { Command } from "./commandbox";
import { searchAgain } from "./inputs";
import { words } from "./words";

/** What an operation came of: as a command, and as a wizard that asks the same again. */
export function Asked({ request }: { request: Api["PlanRequest"] }) {
  const t = useWords(words);
  const search = searchAgain(request);
  return (
    <>
      <Command request={request} />
      {search && <p><To to={`/operations/${request.kind}/new`} search={search}>{t("planSame")}</To></p>}
    </>
  );
}
