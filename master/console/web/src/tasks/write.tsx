import { useBlocker } from "@tanstack/react-router";
import { Alert, Button, Modal } from "antd";
import { useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Trouble, api, body } from "../api/client";
import { Act } from "../ui/act";
import { Ask } from "../ui/ask";
import { To } from "../ui/link";
import { enc, useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { useCheck, versionsBefore } from "./check";
import { type TaskDetail, useChanged } from "./data";
import { useDraft } from "./draft";
import { Editor, type EditorHandle } from "./editor";
import { words } from "./editwords";
import { TaskForm } from "./form";
import { useHistory } from "./history";
import { Pair, type Side as Half } from "./pair";
import { Changes, Side } from "./side";
import "./tasks.css";

type Props = {
  id: string; // of the draft, in this tab
  title: string;
  start: string; // the text to begin with
  saved?: TaskDetail; // the task as it is saved, unless it is new
  note?: string; // said above the editor
  proposal?: string; // a note to save with
};

/** Writes task files: judged while they are written, compared with what is saved, and saved as new versions. */
export function Write({ id, title, start, saved, note, proposal }: Props) {
  const t = useWords(words);
  const go = useGo();
  const draft = useDraft(id, start, saved?.version ?? 0);
  const history = useHistory(draft.text, draft.change);
  const [half, setHalf] = useState<Half>("form");
  const check = useCheck(saved ? `${saved.name}.yaml` : "new.yaml", draft.text);
  const [asking, setAsking] = useState(false);
  const editor = useRef<EditorHandle>(null);
  const left = useRef(false);
  const changed = useChanged();
  const changes = check.items.filter((i) => i.action !== "unchanged").length;
  const begun = draft.dirty || saved !== undefined || proposal !== undefined; // the bare template is no task
  const ready = begun && check.current && check.errors === 0 && changes > 0;

  async function save({ reason }: { reason?: string }) {
    const reply = await body(api.POST("/api/v1/tasks/apply", { body: { files: [{ name: saved ? `${saved.name}.yaml` : "new.yaml", text: draft.text }], note: reason, expectedVersions: versionsBefore(check.items) } })).catch(async (error: unknown) => {
      if (error instanceof Trouble && error.status === 409) await Promise.all([check.retry(), changed()]); // shows what was saved meanwhile
      throw error;
    });
    if (!reply.applied) throw new Trouble(422, "INVALID", (reply.findings ?? []).map((f) => `${f.line}: ${f.message}`).join("\n"));
    left.current = true;
    draft.drop();
    await changed();
    const task = reply.items?.find((i) => i.kind === "Task");
    go(task ? `/tasks/${enc(task.name)}` : "/tasks");
  }

  function discard() {
    history.note();
    draft.discard();
  }
  const ask = () => ready && setAsking(true);
  function goTo(line: number) {
    flushSync(() => setHalf("yaml"));
    editor.current?.goTo(line);
  }

  return (
    <>
      <nav aria-label={t("path")} className="faint"><To to="/tasks">{t("tasks")}</To> / {saved && <><To to={`/tasks/${enc(saved.name)}`}>{saved.name}</To> /</>}</nav>
      <div className="head">
        <h1 className="tasks-name">{title}</h1>
        <span className="grow" />
        <span className="pieces">
          {draft.dirty && <span className="faint">{t("unsaved")}</span>}
          <Button onClick={discard} disabled={!draft.dirty}>{t("discard")}</Button>
          <Act action="task.edit" type="primary" disabled={!ready} onClick={() => setAsking(true)}>{t("save")}</Act>
        </span>
      </div>
      {note && <Alert className="trouble" type="info" showIcon title={note} />}
      {draft.found && draft.dirty && <Alert className="trouble" type="info" showIcon title={t("foundDraft")} />}
      {saved && draft.began < saved.version && draft.dirty && <Alert className="trouble" type="warning" showIcon title={t("savedMeanwhile", { version: saved.version, by: saved.savedBy, began: draft.began })} />}
      <div className="tasks-write">
        <Pair
          at={half}
          choose={setHalf}
          form={<TaskForm text={draft.text} change={history.change} findings={check.findings} save={ask} isNew={saved === undefined} />}
          yaml={<Editor ref={editor} text={draft.text} change={history.change} undo={history.undo} redo={history.redo} save={ask} findings={check.findings} label={t("file")} />}
        />
        <Side check={check} goTo={goTo} />
      </div>
      <Ask open={asking} title={title} verb={t("save")} reason="optional" initial={{ reason: proposal }} act={save} close={() => setAsking(false)}>
        <Changes check={check} />
      </Ask>
      <Leaving dirty={draft.dirty} left={left} />
    </>
  );
}

/** Warns who leaves with unsaved changes. What is written is kept in this tab all the same. */
function Leaving({ dirty, left }: { dirty: boolean; left: React.RefObject<boolean> }) {
  const t = useWords(words);
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && !left.current && next.pathname !== current.pathname && next.pathname !== "/login",
    enableBeforeUnload: () => dirty && !left.current,
    withResolver: true,
  });
  const blocked = blocker.status === "blocked";
  const stay = useRef(blocker.reset);
  useEffect(() => {
    stay.current = blocker.reset;
  });
  return (
    <Modal
      open={blocked}
      title={t("leaveTitle")}
      okText={t("leave")}
      cancelText={t("stay")}
      cancelButtonProps={{ autoFocus: true }}
      onOk={() => blocker.proceed?.()}
      onCancel={() => stay.current?.()}
    >
      <p>{t("leaveAbout")}</p>
    </Modal>
  );
}
