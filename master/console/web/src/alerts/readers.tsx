import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../api/client";
import { useMe } from "../frame/session";
import { Act } from "../ui/act";
import { TroubleBox } from "../ui/trouble";
import { useWords } from "../ui/words";
import type { Kind } from "./reports";
import { words } from "./reportwords";

const mine = "self.manage";

/** Who gets a report by mail, and whether the reader does. */
export function Readers({ kind }: { kind: Kind }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const me = useMe().data?.user.name;
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<unknown>();
  const q = useQuery({ queryKey: ["report", "readers", kind], queryFn: ({ signal }) => body(api.GET("/api/v1/reports/{kind}/readers", { params: { path: { kind } }, signal })) });
  const readers = q.data?.items ?? [];
  const own = readers.find((r) => r.user === me);
  const when = (always: boolean) => (kind === "daily" ? t("everyDay") : t(always ? "always" : "whenWrong"));

  async function change(call: () => Promise<unknown>) {
    setBusy(true);
    setTrouble(undefined);
    try {
      await call();
      await queries.invalidateQueries({ queryKey: ["report", "readers"] });
    } catch (error) {
      setTrouble(error);
    } finally {
      setBusy(false);
    }
  }
  const get = (always: boolean) => void change(() => body(api.POST("/api/v1/reports/{kind}/readers/me", { params: { path: { kind } }, body: { always } })));
  const leave = () => void change(() => body(api.POST("/api/v1/reports/{kind}/readers/me/remove", { params: { path: { kind } } })));
  const shown = trouble ?? q.error;
  return (
    <section className="alerts-box" aria-label={t("readers")}>
      <h2 style={{ marginTop: 0 }}>{t("readers")}</h2>
      {shown !== undefined && shown !== null && <TroubleBox trouble={shown} retry={q.error ? () => void q.refetch() : undefined} />}
      {q.data && readers.length === 0 && <p className="faint">{t("noReaders")}</p>}
      <ul className="reports-readers">
        {readers.map((r) => (
          <li key={r.user}>
            {r.user} {r.user === me && <span className="faint">({t("you")})</span>} <span className="faint">{when(r.always)}</span> {!r.hasMail && <span>▲ {t("noMail")}</span>}
          </li>
        ))}
      </ul>
      <span className="pieces">
        {!own && <Act action={mine} size="small" disabled={busy || !q.data} onClick={() => get(false)}>{t("get")}</Act>}
        {kind === "hourly" && !own?.always && <Act action={mine} size="small" disabled={busy || !q.data} onClick={() => get(true)}>{t("getAlways")}</Act>}
        {kind === "hourly" && own?.always && <Act action={mine} size="small" disabled={busy} onClick={() => get(false)}>{t("getWrong")}</Act>}
        {own && <Act action={mine} size="small" disabled={busy} onClick={leave}>{t("leave")}</Act>}
        {own && !own.hasMail && <span>▲ {t("noMailYou")}</span>}
      </span>
    </section>
  );
}
