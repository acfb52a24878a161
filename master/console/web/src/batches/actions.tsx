import { useQueryClient } from "@tanstack/react-query";
import { Form, Radio, Select } from "antd";
import { useState } from "react";
import { api, body } from "../api/client";
import { Act } from "../ui/act";
import { Ask } from "../ui/ask";
import { useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { words } from "./detailwords";
import { HoldEnd, untilOf } from "./holdend";
import type { Batch, Why } from "./reads";
import { pathOf } from "./ref";

type Doing = "kill" | "hold" | "release" | "mark" | "quality";
type Values = { reason?: string; hours?: number; result?: string; answer?: string };
type Props = { b: Batch; why?: Why };

/** What can be done with the batch as it stands now. */
export function Actions({ b, why }: Props) {
  const t = useWords(words);
  const go = useGo();
  const [doing, setDoing] = useState<Doing>();
  const [said, setSaid] = useState<string>();
  const unmet = (code: string) => why?.gates?.some((g) => g.code === code && g.state === "unmet") ?? false;
  const waits = b.state === "waiting";
  const held = waits && (b.gate === "BATCH_HELD" || unmet("BATCH_HELD"));
  return (
    <span className="batches-actions">
      <Act action="plan.make" type="primary" title="r" onClick={() => go("/operations/rerun/new", { batch: b.ref })}>{t("rerun")}</Act>
      {waits && unmet("DQ_GATE") && <Act action="gate.answer" onClick={() => setDoing("quality")}>{t("quality")}</Act>}
      {held && <Act action="batch.change" onClick={() => setDoing("release")}>{t("release")}</Act>}
      {b.state !== "done" && !held && <Act action="batch.change" onClick={() => setDoing("hold")}>{t("hold")}</Act>}
      {(waits || b.state === "done") && <Act action="batch.change" onClick={() => setDoing("mark")}>{t("mark")}</Act>}
      {b.state !== "done" && <Act action="batch.change" danger onClick={() => setDoing("kill")}>{t("kill")}</Act>}
      <Asking b={b} doing={doing} say={setSaid} close={() => setDoing(undefined)} />
      <span role="status" className="said faint">{said}</span>
    </span>
  );
}

function Asking({ b, doing, say, close }: { b: Batch; doing?: Doing; say: (said?: string) => void; close: () => void }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const act = (what: Doing) => async (values: Values) => {
    say(await command(b.ref, what, values));
    await queries.invalidateQueries({ queryKey: ["batch"] });
  };
  const shared = (what: Doing) => ({ open: doing === what, close, act: act(what), title: t("askTitle", { verb: t(what), ref: b.ref }), verb: t(what) });
  return (
    <>
      <Ask<Values> {...shared("kill")} danger reason="required"><p>{b.state === "running" ? t("killRunning") : t("killWaiting")}</p></Ask>
      <Ask<Values> {...shared("hold")} reason="required" initial={{ hours: 0 }}><p>{t("holdAbout")}</p><HoldEnd /></Ask>
      <Ask<Values> {...shared("release")} reason="optional"><p>{t("releaseAbout")}</p></Ask>
      <Ask<Values> {...shared("mark")} reason="required" initial={{ result: "success" }}><p>{t("markAbout")}</p><MarkResult ended={b.state === "done"} /></Ask>
      <Ask<Values> {...shared("quality")} reason="required" initial={{ answer: "run" }}><p>{t("qualityAbout")}</p><QualityAnswer /></Ask>
    </>
  );
}

/** The results that a mark may give; what has ended cannot be skipped any more. */
export function MarkResult({ ended }: { ended: boolean }) {
  const t = useWords(words);
  const results = (ended ? ["success", "failed"] : ["success", "failed", "skipped"]) as ("success" | "failed" | "skipped")[];
  return (
    <Form.Item name="result" label={t("result")}>
      <Radio.Group options={results.map((value) => ({ value, label: t(value) }))} />
    </Form.Item>
  );
}

function QualityAnswer() {
  const t = useWords(words);
  return (
    <Form.Item name="answer" label={t("answer")}>
      <Select options={[{ value: "run", label: t("mayRun") }, { value: "block", label: t("mustNotRun") }]} />
    </Form.Item>
  );
}

async function command(ref: string, what: Doing, { reason, hours, result, answer }: Values): Promise<string | undefined> {
  const params = { path: pathOf(ref) };
  switch (what) {
    case "kill": return (await body(api.POST("/api/v1/batches/{task}/{run}/kill", { params, body: { reason } }))).message;
    case "hold": return (await body(api.POST("/api/v1/batches/{task}/{run}/hold", { params, body: { reason, until: untilOf(hours) } }))).message;
    case "release": return (await body(api.POST("/api/v1/batches/{task}/{run}/release", { params, body: { reason } }))).message;
    case "mark": return (await body(api.POST("/api/v1/batches/{task}/{run}/mark", { params, body: { reason, result } }))).message;
    case "quality": return (await body(api.POST("/api/v1/quality/{task}/{run}", { params, body: { answer: answer ?? "run", reason } }))).note;
  }
}
