import { memo } from "react";
import { partsOf } from "./logcolours";
import type { Line } from "./logtext";

/** A line of the log, with the colours that the script gave it. */
export const LogRow = memo(function LogRow({ line, hit }: { line: Line; hit: boolean }) {
  return (
    <div data-offset={line.offset} className={hit ? "row hit" : "row"} aria-current={hit || undefined}>
      {partsOf(line.text).map((part, i) => (part.look === "" ? part.text : <span key={i} className={part.look}>{part.text}</span>))}
      {"\n"}
    </div>
  );
});
