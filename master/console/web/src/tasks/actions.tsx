import { CaretRightOutlined, DeleteOutlined, EditOutlined } from "@ant-design/icons";
import { Alert, Form, Select } from "antd";
import { type ReactNode, useState } from "react";
import { api, body } from "../api/client";
import { Act } from "../ui/act";
import { Ask } from "../ui/ask";
import { To } from "../ui/link";
import { enc, useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { type TaskDetail, useChanged, useHolds } from "./data";
import { words } from "./words";

type Asked = "run" | "enable" | "disable" | "hold" | "release" | "delete";
type Told = { message: string; batch?: string };
type Values = { reason?: string; seconds?: number };

/** What may be done to a task, and what came of it. */
export function Actions({ task }: { task: TaskDetail }) {
  const t = useWords(words);
  const go = useGo();
  const [asked, setAsked] = useState<Asked>();
  const [told, setTold] = useState<Told>();
  const held = useHolds(task).data?.some((h) => h.kind === "task" && h.source !== "breaker") ?? false;
  return (
    <>
      <span className="pieces">
        <Act action="task.run" icon={<CaretRightOutlined aria-hidden />} onClick={() => setAsked("run")}>{t("runNow")}</Act>
        {held ? <Act action="task.run" onClick={() => setAsked("release")}>{t("release")}</Act> : <Act action="task.run" onClick={() => setAsked("hold")}>{t("hold")}</Act>}
        {task.enabled ? <Act action="task.edit" onClick={() => setAsked("disable")}>{t("disable")}</Act> : <Act action="task.edit" onClick={() => setAsked("enable")}>{t("enable")}</Act>}
        <Act action="task.edit" icon={<EditOutlined aria-hidden />} onClick={() => go(`/tasks/${enc(task.name)}/edit`)}>{t("edit")}</Act>
        <Act action="task.edit" icon={<DeleteOutlined aria-hidden />} onClick={() => setAsked("delete")}>{t("delete")}</Act>
      </span>
      {told && <ToldBox told={told} close={() => setTold(undefined)} />}
      <Dialogs task={task} asked={asked} close={() => setAsked(undefined)} tell={setTold} />
    </>
  );
}

function ToldBox({ told, close }: { told: Told; close: () => void }) {
  return (
    <Alert
      className="tasks-told"
      type="success"
      role="status"
      showIcon
      closable={{ onClose: close }}
      title={<>{told.message} {told.batch && <To to={`/batches/${enc(told.batch)}`}>{told.batch}</To>}</>}
    />
  );
}

type DialogProps = { task: TaskDetail; asked?: Asked; close: () => void; tell: (told: Told) => void };

function Dialogs({ task, asked, close, tell }: DialogProps) {
  const t = useWords(words);
  const go = useGo();
  const changed = useChanged();
  const path = { params: { path: { name: task.name } } };

  const acts: Record<Asked, (values: Values) => Promise<Told>> = {
    run: async () => ({ message: t("wasMade"), batch: (await body(api.POST("/api/v1/tasks/{name}/run", path))).ref }),
    enable: ({ reason }) => body(api.POST("/api/v1/tasks/{name}/enable", { ...path, body: { reason } })),
    disable: ({ reason }) => body(api.POST("/api/v1/tasks/{name}/disable", { ...path, body: { reason } })),
    hold: ({ reason, seconds }) => body(api.POST("/api/v1/tasks/{name}/hold", { ...path, body: { reason, until: seconds ? Date.now() + seconds * 1000 : undefined } })),
    release: ({ reason }) => body(api.POST("/api/v1/tasks/{name}/release", { ...path, body: { reason } })),
    delete: ({ reason }) => body(api.POST("/api/v1/tasks/{name}/delete", { ...path, body: { reason } })),
  };
  const texts: Record<Asked, { title: string; verb: string; about: string }> = {
    run: { title: t("runTitle"), verb: t("runNow"), about: t("runAbout") },
    enable: { title: t("enableTitle"), verb: t("enable"), about: t("enableAbout") },
    disable: { title: t("disableTitle"), verb: t("disable"), about: t("disableAbout") },
    hold: { title: t("holdTitle"), verb: t("hold"), about: t("holdAbout") },
    release: { title: t("releaseTitle"), verb: t("release"), about: t("releaseAbout") },
    delete: { title: t("deleteTitle"), verb: t("delete"), about: t("deleteAbout") },
  };

  async function act(verb: Asked, values: Values) {
    const told = await acts[verb](values);
    if (verb === "delete") go("/tasks");
    await changed();
    tell({ message: told.message, batch: told.batch });
  }

  return (Object.keys(acts) as Asked[]).map((verb) => (
    <Ask<Values>
      key={verb}
      open={asked === verb}
      title={`${texts[verb].title}: ${task.name}`}
      verb={texts[verb].verb}
      danger={verb === "delete" || verb === "disable"}
      phrase={verb === "delete" ? task.name : undefined}
      phraseLabel={verb === "delete" ? t("typeName", { name: task.name }) : undefined}
      reason={verb === "run" ? undefined : verb === "enable" || verb === "release" ? "optional" : "required"}
      act={(values) => act(verb, values)}
      close={close}
    >
      <About text={texts[verb].about}>{verb === "hold" && <Until />}</About>
    </Ask>
  ));
}

function About({ text, children }: { text: string; children: ReactNode }) {
  return (
    <>
      <p>{text}</p>
      {children}
    </>
  );
}

function Until() {
  const t = useWords(words);
  const hour = 3600;
  const options = [
    { value: 0, label: t("untilReleased") },
    ...[1, 4, 12].map((n) => ({ value: n * hour, label: t("hours", { n }) })),
    ...[1, 3, 7].map((n) => ({ value: n * 24 * hour, label: t("days", { n }) })),
  ];
  return (
    <Form.Item name="seconds" label={t("howLong")} initialValue={0}>
      <Select options={options} />
    </Form.Item>
  );
}
