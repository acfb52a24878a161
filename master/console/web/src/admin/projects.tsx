import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { To } from "../ui/link";
import { Mark } from "../ui/mark";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { enc, useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { peopleWords } from "./peoplewords";
import { HoldProject, ReleaseProject } from "./projectactions";
import { Shell } from "./shell";
import { words } from "./words";

type Project = Api["Project"];

export default function Projects() {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const go = useGo();
  const [said, setSaid] = useState("");
  const list = usePagedList<Project>(["project", "list"], (cursor, signal) => body(api.GET("/api/v1/projects", { params: { query: { cursor, limit: 200 } }, signal })));
  return (
    <Shell title={t("projects")} said={said} forget={() => setSaid("")}>
      <ListTable label={t("projects")} columns={useColumns(setSaid)} {...list} idOf={(p) => p.name} open={(p) => go(`/admin/projects/${enc(p.name)}`)} empty={own("noProjects")} />
    </Shell>
  );
}

function useColumns(said: (sentence: string) => void): Column<Project>[] {
  const t = useWords(words);
  return [
    { key: "name", title: t("name"), show: (p) => <To to={`/admin/projects/${enc(p.name)}`}>{p.name}</To> },
    { key: "title", title: t("description"), show: (p) => p.title || "–" },
    { key: "owner", title: t("owner"), show: (p) => <To to={`/admin/users/${enc(p.owner)}`}>{p.owner}</To> },
    { key: "tasks", title: t("tasks"), className: "num", show: (p) => <To to="/tasks" search={{ project: p.name }}>{p.tasks}</To> },
    { key: "holds", title: t("state"), show: (p) => <Holds holds={p.holds ?? []} /> },
    { key: "actions", title: t("actions"), className: "nowrap", show: (p) => (p.holds?.length ? <ReleaseProject name={p.name} said={said} /> : <HoldProject name={p.name} said={said} />) },
  ];
}

/** What keeps a project's batches back: why, who has said it, since when and until when. */
export function Holds({ holds }: { holds: Api["Hold"][] }) {
  const own = useWords(peopleWords);
  if (holds.length === 0) return <Mark glyph="✓" colour="ok" word={own("notHeld")} />;
  return (
    <>
      {holds.map((h) => (
        <div key={h.id} className="pieces">
          <Mark glyph="❚❚" colour="held" word={own("holds")} /> {h.reason} <span className="faint">{h.actor} <Time at={h.since} />{h.until ? <> – <Time at={h.until} /></> : null}</span>
        </div>
      ))}
    </>
  );
}
