import { useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { Act } from "../ui/act";
import { Ask } from "../ui/ask";
import { To } from "../ui/link";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { enc, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { Mark } from "./parts";
import { NewSilence } from "./newsilence";
import { words } from "./words";

type Silence = Api["Silence"];

export function Silences() {
  const t = useWords(words);
  const [url, set] = useUrl();
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Silence>();
  const ended = url.ended === "true";
  const list = usePagedList<Silence>(["alert", "silences", ended], (cursor, signal) => body(api.GET("/api/v1/silences", { params: { query: { ended: ended || undefined, limit: 100, cursor } }, signal })));
  return (
    <>
      <div className="filters">
        <Act action="alert.silence" type="primary" onClick={() => setAdding(true)}>{t("newSilence")}</Act>
        <Checkbox checked={ended} onChange={(e) => set({ ended: e.target.checked ? "true" : undefined })}>{t("withEnded")}</Checkbox>
      </div>
      <ListTable
        label={t("silences")}
        columns={useColumns(setEnding)}
        {...list}
        idOf={(s) => String(s.id)}
        empty={
          <>
            <p>{ended ? t("noSilenceEver") : t("noSilence")}</p>
            {!ended && <Button onClick={() => set({ ended: "true" })}>{t("withEnded")}</Button>}
          </>
        }
      />
      <NewSilence open={adding} close={() => setAdding(false)} />
      <EndSilence silence={ending} close={() => setEnding(undefined)} />
    </>
  );
}

function useColumns(end: (silence: Silence) => void): Column<Silence>[] {
  const t = useWords(words);
  return [
    { key: "id", title: t("number"), className: "num", show: (s) => s.id },
    { key: "covers", title: t("covers"), show: (s) => <Covers silence={s} /> },
    { key: "reason", title: t("reason"), show: (s) => <span className="alerts-text">{s.reason}</span> },
    { key: "author", title: t("author"), show: (s) => s.author },
    { key: "began", title: t("began"), className: "nowrap", show: (s) => <Time at={s.createdAt} /> },
    { key: "ends", title: t("ends"), className: "nowrap", show: (s) => <Time at={s.endsAt} full /> },
    { key: "state", title: t("state"), className: "nowrap", show: (s) => <State silence={s} /> },
    { key: "end", title: t("acts"), show: (s) => s.active && <Act action="alert.silence" size="small" onClick={() => end(s)} aria-label={`${t("endNow")}: ${s.id}`}>{t("endNow")}</Act> },
  ];
}

function State({ silence }: { silence: Silence }) {
  const t = useWords(words);
  if (silence.active) return <Mark look="off" glyph="❚❚" word={t("active")} />;
  return <Mark look="wait" glyph="■" word={silence.endedBy ? t("endedBy", { user: silence.endedBy }) : t("inactive")} />;
}

/** What a silence covers: all that it names, together. */
function Covers({ silence }: { silence: Silence }) {
  const t = useWords(words);
  return (
    <span className="pieces">
      {silence.kind && <span><span className="faint">{t("kind")}</span> {silence.kind}</span>}
      {silence.object && <span className="alerts-wrap"><span className="faint">{t("object")}</span> {silence.object}</span>}
      {silence.task && <span><span className="faint">{t("taskName")}</span> <To to={`/tasks/${enc(silence.task)}`}>{silence.task}</To></span>}
      {silence.project && <span><span className="faint">{t("project")}</span> {silence.project}</span>}
    </span>
  );
}

function EndSilence({ silence, close }: { silence?: Silence; close: () => void }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const id = silence?.id ?? 0;
  async function end({ reason }: { reason?: string }) {
    await body(api.POST("/api/v1/silences/{id}/end", { params: { path: { id } }, body: { reason } }));
    await queries.invalidateQueries({ queryKey: ["alert"] });
  }
  return (
    <Ask open={silence !== undefined} title={t("endTitle", { id })} verb={t("endVerb")} reason="optional" act={end} close={close}>
      {silence && <p><Covers silence={silence} /></p>}
      <p className="faint">{t("endWhat")}</p>
    </Ask>
  );
}
