import { useQuery } from "@tanstack/react-query";
import { Input, Skeleton } from "antd";
import { type Api, api, body } from "../api/client";
import { commonWords } from "../ui/commonwords";
import { To } from "../ui/link";
import { TroubleBox } from "../ui/trouble";
import { enc, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { words } from "./words";

/** What a batch of a task would run by the definition as it stands, with everything filled in. */
export function Render({ name }: { name: string }) {
  const t = useWords(words);
  const common = useWords(commonWords);
  const [url, set] = useUrl();
  const workNo = url.work || "";
  const answer = useQuery({
    queryKey: ["task", "render", name, workNo],
    queryFn: ({ signal }) => body(api.GET("/api/v1/tasks/{name}/render", { params: { path: { name }, query: { workNo } }, signal })),
    enabled: workNo !== "",
  });
  return (
    <>
      <h2>{t("wouldRun")}</h2>
      <div className="filters">
        <Input.Search aria-label={t("workNo")} placeholder={t("workNo")} key={workNo} defaultValue={workNo} onSearch={(no) => set({ work: no.trim() || undefined })} style={{ width: 260 }} />
        <span className="faint">{t("wouldRunAbout")}</span>
      </div>
      {answer.error && <TroubleBox trouble={answer.error} />}
      {answer.isLoading && <Skeleton active title={false} aria-label={common("loading")} />}
      {answer.data && <Rendered of={answer.data} />}
    </>
  );
}

function Rendered({ of }: { of: Api["RenderReply"] }) {
  const t = useWords(words);
  const text = of.script ?? (of.command ? of.command.join(" ") : of.http ? JSON.stringify(of.http, null, 2) : "");
  const paths = [...(of.inputs ?? []).map((p) => `${t("inputs")}: ${p.path}`), ...(of.outputs ?? []).map((p) => `${t("outputs")}: ${p.path}`)];
  return (
    <>
      <p>{t("interval")} {of.bizStart} – {of.bizEnd}{of.program && <> · <code>{of.program}</code></>}{of.account && <> · {t("account")} {of.account}</>}</p>
      {of.parents && of.parents.length > 0 && (
        <p className="pieces">{t("parents")}: {of.parents.map((p) => <Parent key={p.batch} parent={p} />)}</p>
      )}
      {paths.map((p) => <p key={p} className="tasks-path">{p}</p>)}
      {text !== "" && <pre className="tasks-code" tabIndex={0} role="region" aria-label={t("wouldRun")}>{text}</pre>}
      <h3 className="tasks-h3">{t("environment")}</h3>
      <pre className="tasks-code" tabIndex={0} role="region" aria-label={t("environment")}>{Object.entries(of.env).map(([k, v]) => `${k}=${v}`).join("\n")}</pre>
    </>
  );
}

/** A parent batch and its state, in the words of the interface: none, not-applicable, newest or a state. */
function Parent({ parent }: { parent: Api["RenderParent"] }) {
  const exists = parent.state !== "none" && parent.state !== "not-applicable" && parent.batch.includes("/");
  return (
    <span className="tasks-lined">
      {exists ? <To to={`/batches/${enc(parent.batch)}`}>{parent.batch}</To> : parent.batch} ({parent.state})
    </span>
  );
}
