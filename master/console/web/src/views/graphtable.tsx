import { useState } from "react";
import { To } from "../ui/link";
import { type Column, ListTable } from "../ui/table";
import { enc, useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { StandingTag } from "./graphpanel";
import type { Node, Picture } from "./picture";
import { words } from "./words";

const page = 300;
const few = 4;

/** The nodes of a picture as a table: what each depends on, and how many depend on it. */
export function GraphTable({ picture, label }: { picture: Picture; label: string }) {
  const t = useWords(words);
  const go = useGo();
  const [count, setCount] = useState(page);
  const order = picture.ranks.flatMap((r) => r.nodes);
  const columns: Column<number>[] = [
    { key: "name", title: t("name"), show: (i) => <Name node={picture.nodes[i]} /> },
    { key: "state", title: t("state"), show: (i) => <StandingTag standing={picture.nodes[i]?.standing} /> },
    { key: "sub", title: t("more"), show: (i) => picture.nodes[i]?.sub },
    { key: "rank", title: t("rank"), className: "num", show: (i) => picture.nodes[i]?.rank },
    { key: "parents", title: t("parents"), show: (i) => <Parents picture={picture} found={picture.parents[i] ?? []} /> },
    { key: "children", title: t("children"), className: "num", show: (i) => (picture.children[i]?.length ?? 0) + (picture.nodes[i]?.moreDown ?? 0) },
  ];
  return (
    <ListTable
      label={label}
      columns={columns}
      rows={order.slice(0, count)}
      idOf={(i) => picture.nodes[i]?.id ?? ""}
      open={(i) => {
        const node = picture.nodes[i];
        if (node) go(...hrefOf(node));
      }}
      more={{ has: order.length > count, load: () => setCount(count + page), loading: false }}
    />
  );
}

/** The page of what a node stands for. */
export function hrefOf(node: Node): [string, Record<string, string>] {
  if (node.group) return ["/graph", node.project === undefined ? { mode: "all" } : { project: node.project }];
  if (node.batch) return node.batch.state === "missing" ? ["/graph", { task: node.batch.task }] : [`/batches/${enc(node.id)}`, {}];
  return [`/tasks/${enc(node.id)}`, {}];
}

function Name({ node }: { node?: Node }) {
  if (!node) return null;
  const [to, search] = hrefOf(node);
  return <To to={to} search={search}>{node.id || "–"}</To>;
}

function Parents({ picture, found }: { picture: Picture; found: number[] }) {
  const t = useWords(words);
  if (found.length === 0) return <span className="faint">–</span>;
  return (
    <span className="pieces">
      {found.slice(0, few).map((i) => <Name key={i} node={picture.nodes[i]} />)}
      {found.length > few && <span className="faint">{t("andMore", { n: found.length - few })}</span>}
    </span>
  );
}
