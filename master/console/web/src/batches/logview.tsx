import { Button, Checkbox, Skeleton } from "antd";
import { type KeyboardEvent, type ReactNode, useCallback, useId, useLayoutEffect, useRef, useState } from "react";
import { bytes } from "../ui/bytes";
import { useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { Ended, LogTrouble } from "./log";
import { LogBar } from "./logbar";
import { rowAtTop } from "./logplace";
import { LogRow } from "./logrow";
import { LogSearch } from "./logsearch";
import { words } from "./logwords";
import type { Batch } from "./reads";
import { callOf, pathOf } from "./ref";
import { useLog } from "./uselog";

type Props = { b: Batch; attempt: NonNullable<Batch["attempts"]>[number]; children: ReactNode };

const wrapKept = "capri.log.wrap";

/** The viewer: a window of at most 200 rows on a log of any length. */
export function LogView({ b, attempt, children }: Props) {
  const t = useWords(words);
  const [url, set] = useUrl();
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const [wrap, setWrap] = useState(() => localStorage.getItem(wrapKept) === "true");
  const [top, setTop] = useState(0);
  const at = url.at === undefined ? undefined : Number(url.at);
  const address = callOf(pathOf(b.ref), "logs");
  const log = useLog(box, address, String(attempt.attempt), at);
  const size = log.standing?.size ?? attempt.logBytes;

  const placed = () => {
    if (box.current) setTop(Number(rowAtTop(box.current)?.dataset.offset ?? 0));
  };
  useLayoutEffect(placed, [log.lines]);
  const scrolled = () => {
    log.scrolled();
    placed();
  };
  const jump = useCallback((offset: number, mark: boolean) => {
    if (mark) set({ at: String(offset) });
    void log.jump(offset);
  }, [log, set]);
  const press = (e: KeyboardEvent) => {
    if (e.key !== "Home" && e.key !== "End") return;
    e.preventDefault();
    if (e.key === "End") void log.toEnd();
    else void log.jump(0);
  };
  const wrapOr = (on: boolean) => {
    localStorage.setItem(wrapKept, String(on));
    setWrap(on);
  };
  return (
    <section aria-label={t("log")}>
      <div className="filters">
        {children}
        <Button onClick={() => void log.jump(0)}>{t("start")}</Button>
        <Button onClick={() => void log.toEnd()}>{t("end")}</Button>
        <Checkbox checked={wrap} onChange={(e) => wrapOr(e.target.checked)}>{t("wrap")}</Checkbox>
        <Button href={`${address}?attempt=${attempt.attempt}&offset=0&limit=${Math.max(size, 1)}`} download={`${b.task}-${b.workNo}.${b.run}-${attempt.attempt}.log`}>{t("download", { size: bytes(size) })}</Button>
      </div>
      <LogSearch address={address} attempt={attempt.attempt} jump={(offset) => jump(offset, true)} />
      {log.trouble !== undefined && <LogTrouble trouble={log.trouble} shown={log.lines !== undefined} />}
      {log.standing?.partial && <p className="batches-log-note" role="status">{t("partial", { host: log.standing.host, size: bytes(size - log.standing.start) })}</p>}
      {log.lines === undefined && log.trouble === undefined && <Skeleton active />}
      {log.lines !== undefined && size === 0 && <div className="empty">{attempt.endedAt ? t("empty") : t("emptyYet")}</div>}
      <div className="batches-log-frame" hidden={log.lines === undefined || size === 0}>
        <div ref={box} id={id} className={`batches-log${wrap ? " wrap" : ""}`} tabIndex={0} role="log" aria-live="off" aria-label={t("log")} onScroll={scrolled} onKeyDown={press}>
          {log.lines?.map((line) => <LogRow key={line.offset} line={line} hit={at !== undefined && at >= line.offset && at < line.end} />)}
        </div>
        <LogBar controls={id} start={log.standing?.start ?? 0} size={size} top={log.following ? size : top} jump={(offset) => jump(offset, false)} end={() => void log.toEnd()} wheel={(by) => box.current?.scrollBy(0, by)} />
      </div>
      <p className="pieces faint" role="status">
        <Ended attempt={attempt} />
        {!log.following && log.unseen.lines > 0 && <Button size="small" type="primary" onClick={() => void log.toEnd()}>{t(log.unseen.exact ? "newLines" : "newMany", { n: log.unseen.lines })}</Button>}
        {log.following && log.standing?.done === false && <span>{t("following")}</span>}
      </p>
    </section>
  );
}
