import { Copy } from "../ui/copy";
import { To } from "../ui/link";
import { StateTag } from "../ui/statetag";
import { enc } from "../ui/url";
import { useWords } from "../ui/words";
import { Actions } from "./actions";
import { words } from "./detailwords";
import type { Batch, Why } from "./reads";

type Props = { b: Batch; why?: Why };

/** What the batch is, where what belongs to it is found, and what can be done with it. */
export function Head({ b, why }: Props) {
  const t = useWords(words);
  const command = `capri batch why ${b.ref}`;
  return (
    <>
      <div className="head">
        <h1 className="batches-name">{b.ref}</h1>
        <StateTag batch={b} />
        <span className="grow" />
        <Actions b={b} why={why} />
      </div>
      <p className="batches-about pieces">
        <span>{t("task")} <To to={`/tasks/${enc(b.task)}`}>{b.task}</To></span>
        <span>{t("project")} <To to="/batches" search={{ project: b.project, range: "allTime" }}>{b.project}</To></span>
        {b.operationId !== undefined && <span>{t("operation")} <To to={`/operations/${b.operationId}`}>{b.operationId}</To></span>}
        {b.host && <span>{t("worker")} <To to={`/hosts/${enc(b.host)}`}>{b.host}</To></span>}
        <span><code>{command}</code> <Copy text={command} /></span>
      </p>
    </>
  );
}
