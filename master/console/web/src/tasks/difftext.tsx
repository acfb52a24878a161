import { useWords } from "../ui/words";
import { words } from "./words";

/** A unified difference: what goes is red with a minus, what comes is green with a plus. */
export function DiffText({ text, label }: { text: string; label: string }) {
  const t = useWords(words);
  if (text === "") return <p className="faint">{t("noDifference")}</p>;
  const lines = text.replace(/\n$/, "").split("\n");
  return (
    <pre className="tasks-code tasks-diff" tabIndex={0} role="region" aria-label={label}>
      {lines.map((line, i) => <Line key={i} line={line} head={i < 2} />)}
    </pre>
  );
}

function Line({ line, head }: { line: string; head: boolean }) {
  if (head && (line.startsWith("---") || line.startsWith("+++"))) return <span className="faint">{line}</span>;
  if (line.startsWith("@@")) return <span className="tasks-hunk">{line}</span>;
  if (line.startsWith("+")) return <ins>{line}</ins>;
  if (line.startsWith("-")) return <del>{line}</del>;
  return <span>{line === "" ? " " : line}</span>;
}
