import { Button, InputNumber, Segmented, Select, Skeleton } from "antd";
import { commonWords } from "../ui/commonwords";
import { TroubleBox } from "../ui/trouble";
import { type Search, useGo, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { GraphCanvas } from "./graphcanvas";
import { GraphFind } from "./graphfind";
import { GraphPanel } from "./graphpanel";
import { type GraphSet, graphSetOf, modes, moreOf, useGraph } from "./graphset";
import { GraphTable, hrefOf } from "./graphtable";
import { Legend } from "./legend";
import type { Picture } from "./picture";
import { WaysTo } from "./waysto";
import { words } from "./words";
import "./views.css";

/** Tasks or batches and what they depend on: groups first, then a task with those around it, or all on demand. */
export default function Graph() {
  const t = useWords(words);
  const common = useWords(commonWords);
  const [url, set] = useUrl();
  const go = useGo();
  const shown = graphSetOf(url);
  const more = moreOf(url);
  const { found, focusIndex } = useGraph(shown, more);
  const picture = found.data?.picture;
  const chosen = url.node === undefined ? undefined : picture?.indexOf.get(url.node);
  const label = useLabel(shown);
  const choose = (index: number | undefined) => set({ node: index === undefined ? undefined : picture?.nodes[index]?.id });
  return (
    <>
      <div className="head">
        <h1>{label}</h1>
        <span className="grow" />
        <Legend late={false} />
      </div>
      <div className="filters">
        <GraphFind picture={picture} choose={choose} />
        <SetControls shown={shown} set={set} />
        <Segmented aria-label={t("shownAs")} value={url.as === "table" ? "table" : "picture"} onChange={(as) => set({ as: as === "table" ? as : undefined })} options={[{ value: "picture", label: t("picture") }, { value: "table", label: t("table") }]} />
        {picture && <span className="faint">{shown.kind === "groups" ? t("groupsShown", { n: picture.nodes.length }) : t("nodesShown", { n: picture.nodes.length, edges: picture.edges.length })}</span>}
      </div>
      {found.data?.truncated && <p role="status">{t("truncated", { n: found.data.picture.nodes.length, total: found.data.total })}</p>}
      {found.error && <TroubleBox trouble={found.error} retry={() => void found.refetch()} stillShown={picture !== undefined} />}
      {found.isPending && <Skeleton active title={false} paragraph={{ rows: 8 }} aria-label={common("loading")} />}
      {picture?.nodes.length === 0 && <div className="empty">{t("noNodes")}</div>}
      {picture && picture.nodes.length > 0 && url.as === "table" && <GraphTable picture={picture} label={label} />}
      {picture && picture.nodes.length > 0 && url.as !== "table" && (
        <>
          <div className="views-graphpage">
            <GraphCanvas key={found.data?.key} picture={picture} label={label} focus={focusIndex} start={picture.indexOf.get(more.at(-1) ?? "")} chosen={chosen} choose={choose} open={(i) => openNode(picture, i, go)} />
            {chosen !== undefined && <GraphPanel picture={picture} index={chosen} close={() => choose(undefined)} />}
          </div>
          <p id="views-graphkeys" className="faint views-keys">{t("graphKeys")}</p>
        </>
      )}
    </>
  );
}

function openNode(picture: Picture, index: number, go: ReturnType<typeof useGo>) {
  const node = picture.nodes[index];
  if (node) go(...hrefOf(node));
}

function useLabel(shown: GraphSet): string {
  const t = useWords(words);
  switch (shown.kind) {
    case "batch": return t("graphBatch", { name: shown.ref });
    case "task": return shown.to ? t("graphPath", { from: shown.task, to: shown.to }) : t("graphTask", { name: shown.task });
    case "project": return t("graphProject", { name: shown.project });
    case "all": return t("graphAll");
    case "groups": return t("graph");
  }
}

type Controls = { shown: GraphSet; set: (patch: Search, push?: boolean) => void };

function SetControls({ shown, set }: Controls) {
  const t = useWords(words);
  const go = useGo();
  const overview = <Button onClick={() => go("/graph")}>{t("overview")}</Button>;
  const whole = <Button onClick={() => go("/graph", { mode: "all" })}>{t("wholeGraph")}</Button>;
  switch (shown.kind) {
    case "groups":
      return (
        <>
          <Segmented aria-label={t("groupBy")} value={shown.group} onChange={(group) => set({ group: group === "layer" ? group : undefined, node: undefined })} options={[{ value: "project", label: t("byProject") }, { value: "layer", label: t("byLayer") }]} />
          {whole}
        </>
      );
    case "task":
      return (
        <>
          <WaysTo key={shown.to} from={shown.task} to={shown.to} />
          {!shown.to && <Select aria-label={t("shows")} value={shown.mode} onChange={(mode) => set({ mode: mode === "near" ? undefined : mode })} options={modes.map((m) => ({ value: m, label: t(m) }))} style={{ minWidth: 150 }} popupMatchSelectWidth={false} />}
          {!shown.to && shown.mode === "near" && <Levels label={t("levelsUp")} value={shown.up} least={0} most={100} change={(up) => set({ up })} />}
          {!shown.to && shown.mode === "near" && <Levels label={t("levelsDown")} value={shown.down} least={0} most={100} change={(down) => set({ down })} />}
          {overview}
        </>
      );
    case "batch":
      return (
        <>
          <Levels label={t("depth")} value={shown.depth} least={1} most={10} change={(depth) => set({ depth })} />
          {overview}
        </>
      );
    default: return overview;
  }
}

type LevelsProps = { label: string; value: number; least: number; most: number; change: (n: string | undefined) => void };

function Levels({ label, value, least, most, change }: LevelsProps) {
  return (
    <label className="views-field">
      {label}
      <InputNumber value={value} min={least} max={most} onChange={(n) => change(n === null || n === 1 ? undefined : String(n))} style={{ width: 70 }} />
    </label>
  );
}
