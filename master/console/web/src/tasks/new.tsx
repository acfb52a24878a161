import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { api, body } from "../api/client";
import { useMe } from "../frame/session";
import { commonWords } from "../ui/commonwords";
import { TroubleBox } from "../ui/trouble";
import { useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { words } from "./editwords";
import { copyOf, template } from "./template";
import { Write } from "./write";

/** A new task, from a template or from the file of another task (`?from=NAME`). */
export default function New() {
  const [url] = useUrl();
  if (url.from) return <FromTask key={url.from} name={url.from} />;
  return <FromTemplate project={url.project} />;
}

function FromTemplate({ project }: { project?: string }) {
  const t = useWords(words);
  const me = useMe().data;
  const projects = useQuery({ queryKey: ["task", "projects"], queryFn: ({ signal }) => body(api.GET("/api/v1/projects", { params: { query: { limit: 1 } }, signal })), staleTime: 60_000 });
  if (!me || projects.isPending) return <Skeleton active title={false} paragraph={{ rows: 8 }} />;
  const first = project || me.projects?.[0] || projects.data?.items?.[0]?.name || "my_project";
  return <Write id="new" title={t("newTask")} start={template(me.user.name, first)} note={t("newNote")} />;
}

function FromTask({ name }: { name: string }) {
  const t = useWords(words);
  const common = useWords(commonWords);
  const other = useQuery({ queryKey: ["task", "base", name], queryFn: ({ signal }) => body(api.GET("/api/v1/tasks/{name}", { params: { path: { name } }, signal })), staleTime: Infinity });
  if (other.data) return <Write id={`new from ${name}`} title={t("newTask")} start={copyOf(other.data.yaml)} note={t("fromNote", { name })} />;
  return (
    <>
      <div className="head"><h1>{t("newTask")}</h1></div>
      {other.error ? <TroubleBox trouble={other.error} retry={() => void other.refetch()} /> : <Skeleton active title={false} paragraph={{ rows: 8 }} aria-label={common("loading")} />}
    </>
  );
}
