import { DownloadOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { Copy } from "../ui/copy";
import { To } from "../ui/link";
import { enc } from "../ui/url";
import { useWords } from "../ui/words";
import type { TaskDetail } from "./data";
import { Render } from "./render";
import { words } from "./words";
import { Yaml } from "./yamlview";

/** The task file of a task as it is saved: every default written out. */
export function Config({ task }: { task: TaskDetail }) {
  const t = useWords(words);
  return (
    <>
      <div className="filters">
        <span>{t("asSaved", { n: task.version })}</span>
        <Copy text={task.yaml} />
        <Button size="small" icon={<DownloadOutlined aria-hidden />} onClick={() => download(`${task.name}.yaml`, task.yaml)}>{t("download")}</Button>
        <To to="/tasks/new" search={{ from: task.name }}>{t("newFromThis")}</To>
        <To to={`/tasks/${enc(task.name)}/edit`}>{t("edit")}</To>
      </div>
      <pre className="tasks-code" tabIndex={0} role="region" aria-label={t("config")}><Yaml text={task.yaml.trimEnd()} /></pre>
      <Render name={task.name} />
    </>
  );
}

function download(name: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
