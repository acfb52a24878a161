import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { AskAct } from "../ui/askact";
import { To } from "../ui/link";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { enc, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { accessWords } from "./accesswords";
import { Shell } from "./shell";
import { useDone } from "./usedone";
import { Whose, whoseOf } from "./whose";
import { words } from "./words";

type Session = Api["Session"];

export default function Sessions() {
  const t = useWords(words);
  const own = useWords(accessWords);
  const [url] = useUrl();
  const [said, setSaid] = useState("");
  const filter = whoseOf(url);
  const list = usePagedList<Session>(["session", "list", filter], (cursor, signal) => body(api.GET("/api/v1/sessions", { params: { query: { ...filter, cursor, limit: 100 } }, signal })));
  return (
    <Shell title={t("sessions")} said={said} forget={() => setSaid("")}>
      <div className="filters" role="search">
        <Whose />
      </div>
      <ListTable label={t("sessions")} columns={useColumns(setSaid)} {...list} idOf={(s) => String(s.id)} empty={own("noSessions")} />
    </Shell>
  );
}

function useColumns(said: (sentence: string) => void): Column<Session>[] {
  const t = useWords(words);
  const own = useWords(accessWords);
  return [
    { key: "user", title: t("user"), show: (s) => <><To to={`/admin/users/${enc(s.user)}`}>{s.user}</To> {s.current && <strong>({own("thisOne")})</strong>}</> },
    { key: "from", title: own("from"), show: (s) => s.source },
    { key: "begun", title: own("begun"), className: "nowrap", show: (s) => <Time at={s.createdAt} /> },
    { key: "seen", title: own("seen"), className: "nowrap", show: (s) => <Time at={s.seenAt} /> },
    { key: "until", title: own("until"), className: "nowrap", show: (s) => <Time at={s.expiresAt} /> },
    { key: "actions", title: t("actions"), show: (s) => <End session={s} said={said} /> },
    { key: "agent", title: own("agent"), show: (s) => <span title={s.agent}>{browserOf(s.agent ?? "") || "–"}</span> },
  ];
}

const browsers: [sign: RegExp, name: string][] = [[/Edg\/(\d+)/, "Edge"], [/OPR\/(\d+)/, "Opera"], [/Chrome\/(\d+)/, "Chrome"], [/Firefox\/(\d+)/, "Firefox"], [/Version\/(\d+).*Safari/, "Safari"]];
const systems: [sign: RegExp, name: string][] = [[/Windows/, "Windows"], [/Android/, "Android"], [/iPhone|iPad/, "iOS"], [/Mac OS X/, "macOS"], [/Linux/, "Linux"]];

/** What a browser calls itself, in a few words; what is not known stays as it is. */
function browserOf(agent: string): string {
  const browser = browsers.find(([sign]) => sign.test(agent));
  if (!browser) return agent.slice(0, 60);
  const system = systems.find(([sign]) => sign.test(agent));
  return [`${browser[1]} ${browser[0].exec(agent)?.[1] ?? ""}`, system?.[1]].filter(Boolean).join(", ");
}

function End({ session: s, said }: { session: Session; said: (sentence: string) => void }) {
  const own = useWords(accessWords);
  const done = useDone(said, s.current ? "me" : "session");
  const act = async (v: { reason?: string }) => {
    await api.POST("/api/v1/sessions/{id}/revoke", { params: { path: { id: s.id } }, body: { reason: v.reason } });
    await done();
  };
  const title = own("endSession", { user: s.user });
  return (
    <AskAct action="self.manage" label={own("end")} of={`${s.user}, ${s.source}, ${s.id}`} title={title} danger reason="optional" act={act}>
      <p>{s.current ? own("endOwnText") : own("endSessionText", { source: s.source })}</p>
    </AskAct>
  );
}
