import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Skeleton } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { To } from "../ui/link";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { TroubleBox } from "../ui/trouble";
import { enc } from "../ui/url";
import { useWords } from "../ui/words";
import { peopleWords } from "./peoplewords";
import { AddMember, DeleteProject, HoldProject, ReleaseProject, RemoveMember } from "./projectactions";
import { Holds } from "./projects";
import { Shell } from "./shell";
import { Fact } from "./user";
import { words } from "./words";

type Detail = Api["ProjectDetail"];
type Member = Api["ProjectMember"];

export default function Project() {
  const own = useWords(peopleWords);
  const { name } = useParams({ strict: false }) as { name: string };
  const [said, setSaid] = useState("");
  const detail = useQuery({ queryKey: ["project", "detail", name], queryFn: ({ signal }) => body(api.GET("/api/v1/projects/{name}", { params: { path: { name } }, signal })) });
  const shown = { name, said: setSaid };
  const actions = detail.data && (
    <>
      {detail.data.holds?.length ? <ReleaseProject {...shown} /> : <HoldProject {...shown} />}
      <DeleteProject {...shown} />
    </>
  );
  return (
    <Shell title={name} actions={actions} said={said} forget={() => setSaid("")}>
      {detail.error && <TroubleBox trouble={detail.error} retry={() => void detail.refetch()} stillShown={detail.data !== undefined} />}
      {detail.isPending && <Skeleton active title={false} paragraph={{ rows: 4 }} />}
      {detail.data && <ProjectFacts p={detail.data} />}
      <div className="admin-sub">
        <h2>{own("members")}</h2>
        <AddMember {...shown} />
      </div>
      <Members {...shown} />
      {detail.data && (
        <>
          <h2>{own("definition")}</h2>
          <pre className="admin-yaml" tabIndex={0} role="region" aria-label={own("definition")}><code>{detail.data.yaml}</code></pre>
        </>
      )}
    </Shell>
  );
}

function ProjectFacts({ p }: { p: Detail }) {
  const t = useWords(words);
  const own = useWords(peopleWords);
  return (
    <>
      <dl className="facts">
        <Fact name={t("description")} value={p.title || "–"} />
        <Fact name={t("owner")} value={<To to={`/admin/users/${enc(p.owner)}`}>{p.owner}</To>} />
        <Fact name={t("department")} value={p.department || "–"} />
        <Fact name={t("tasks")} value={own("enabledTasks", { enabled: p.enabled, all: p.tasks })} />
        <Fact name={own("holds")} value={<Holds holds={p.holds ?? []} />} />
      </dl>
      <p className="pieces">
        <To to="/tasks" search={{ project: p.name }}>{own("tasksOf")}</To>
        <To to="/batches" search={{ project: p.name }}>{own("batchesOf")}</To>
      </p>
    </>
  );
}

function Members({ name, said }: { name: string; said: (sentence: string) => void }) {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const list = usePagedList<Member>(["project", "members", name], (cursor, signal) => body(api.GET("/api/v1/projects/{name}/members", { params: { path: { name }, query: { cursor, limit: 200 } }, signal })));
  const columns: Column<Member>[] = [
    { key: "user", title: t("user"), show: (m) => <To to={`/admin/users/${enc(m.user)}`}>{m.user}</To> },
    { key: "title", title: t("title"), show: (m) => m.title || "–" },
    { key: "by", title: own("addedBy"), show: (m) => m.addedBy },
    { key: "at", title: own("addedAt"), className: "nowrap", show: (m) => <Time at={m.addedAt} /> },
    { key: "actions", title: t("actions"), show: (m) => <RemoveMember name={name} user={m.user} said={said} /> },
  ];
  return <ListTable label={own("members")} columns={columns} {...list} idOf={(m) => m.user} empty={own("noMembers")} />;
}
