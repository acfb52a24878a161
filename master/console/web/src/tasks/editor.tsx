import { type KeyboardEvent, type Ref, useEffect, useId, useImperativeHandle, useLayoutEffect, useMemo, useRef } from "react";
import type { Api } from "../api/client";
import { useWords } from "../ui/words";
import { type Edit, endOfChange, indent, newLine, outdent, placeOfLine } from "./edittext";
import { words } from "./editwords";
import { Yaml } from "./yamlview";

const lineHeight = 20; // as in tasks.css

export type EditorHandle = { goTo: (line: number) => void };

type Props = { text: string; change: (text: string) => void; undo: () => void; redo: () => void; save: () => void; findings: Api["Finding"][]; label: string; ref?: Ref<EditorHandle> };

/**
 * Edits YAML: a plain text field over the same text in colours, beside the numbers
 * of its lines. Tab indents; Escape gives the next Tab back to the keyboard's way
 * through the page. What it takes back is what its owner remembers, for the text is
 * changed in other places, too.
 */
export function Editor({ text, change, undo, redo, save, findings, label, ref }: Props) {
  const t = useWords(words);
  const hint = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const moved = useRef<(HTMLElement | null)[]>([]);
  const tabLeaves = useRef(false);
  const worst = useMemo(() => worstByLine(findings), [findings]);
  const lines = text.split("\n").length;

  useImperativeHandle(ref, () => ({ goTo: (line) => select(field.current, line) }));

  const back = useTakingBack(field, text, undo, redo);

  function follow() {
    const { scrollTop = 0, scrollLeft = 0 } = field.current ?? {};
    const [gutter, marks, paint] = moved.current;
    for (const part of [gutter, marks]) if (part) part.style.transform = `translateY(${-scrollTop}px)`;
    if (paint) paint.style.transform = `translate(${-scrollLeft}px, ${-scrollTop}px)`;
  }

  function press(e: KeyboardEvent<HTMLTextAreaElement>) {
    if (e.nativeEvent.isComposing) return;
    if ((e.ctrlKey || e.metaKey) && e.key === "s") {
      e.preventDefault();
      return save();
    }
    if ((e.ctrlKey || e.metaKey) && back(e)) return e.preventDefault();
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "Escape") {
      tabLeaves.current = true;
      return;
    }
    const edit = e.key === "Tab" && tabLeaves.current ? undefined : editOf(e);
    if (e.key !== "Shift") tabLeaves.current = false;
    if (!edit) return;
    e.preventDefault();
    put(e.currentTarget, edit, change);
  }

  return (
    <>
      <div className="tasks-editor">
        <div className="tasks-gutter" aria-hidden="true">
          <div ref={(part) => { moved.current[0] = part; }}>
            {Array.from({ length: lines }, (_, i) => <div key={i} className={classOf(worst.get(i + 1))}>{signOf(worst.get(i + 1))}{i + 1}</div>)}
          </div>
        </div>
        <div className="tasks-sheet">
          <div className="tasks-marks" aria-hidden="true" ref={(part) => { moved.current[1] = part; }}>
            {[...worst].map(([line, severity]) => <div key={line} className={classOf(severity)} style={{ top: (line - 1) * lineHeight }} />)}
          </div>
          <pre className="tasks-paint" aria-hidden="true" ref={(part) => { moved.current[2] = part; }}><Yaml text={text} /></pre>
          <textarea
            ref={field}
            value={text}
            wrap="off"
            aria-label={label}
            aria-describedby={hint}
            aria-invalid={[...worst.values()].includes("error")}
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            autoCorrect="off"
            onChange={(e) => change(e.target.value)}
            onKeyDown={press}
            onBlur={() => { tabLeaves.current = false; }}
            onScroll={follow}
          />
        </div>
      </div>
      <p id={hint} className="faint">{t("tabHint")}</p>
    </>
  );
}

/** Takes changes back and makes them again, by keys and by the browser's menu, and goes to where they are. */
function useTakingBack(field: React.RefObject<HTMLTextAreaElement | null>, text: string, undo: () => void, redo: () => void) {
  const from = useRef<string>(undefined); // the text before, while a step is on its way
  const steps = useRef({ undo, redo });
  useLayoutEffect(() => {
    steps.current = { undo, redo };
    if (from.current === undefined || from.current === text) return;
    const at = endOfChange(from.current, text);
    from.current = undefined;
    field.current?.setSelectionRange(at, at);
  });
  function step(which: "undo" | "redo") {
    from.current = field.current?.value;
    steps.current[which]();
  }
  useEffect(() => {
    const area = field.current;
    const menu = (e: InputEvent) => {
      if (e.inputType !== "historyUndo" && e.inputType !== "historyRedo") return;
      e.preventDefault();
      step(e.inputType === "historyUndo" ? "undo" : "redo");
    };
    area?.addEventListener("beforeinput", menu);
    return () => area?.removeEventListener("beforeinput", menu);
  }, [field]);
  return (e: KeyboardEvent) => {
    const key = e.key.toLowerCase();
    if (key !== "z" && key !== "y") return false;
    step(key === "y" || e.shiftKey ? "redo" : "undo");
    return true;
  };
}

function editOf(e: KeyboardEvent<HTMLTextAreaElement>): Edit | undefined {
  const { value, selectionStart, selectionEnd } = e.currentTarget;
  if (e.key === "Enter" && !e.shiftKey) return newLine(value, selectionStart, selectionEnd);
  if (e.key !== "Tab") return undefined;
  return e.shiftKey ? outdent(value, selectionStart, selectionEnd) : indent(value, selectionStart, selectionEnd);
}

/** Makes a change as if it were typed, so that it can be undone. */
function put(field: HTMLTextAreaElement, edit: Edit, change: (text: string) => void) {
  field.setSelectionRange(edit.from, edit.to);
  const typed = edit.text === "" ? edit.from === edit.to || document.execCommand("delete") : document.execCommand("insertText", false, edit.text);
  if (!typed) {
    field.setRangeText(edit.text, edit.from, edit.to, "end");
    change(field.value);
  }
  field.setSelectionRange(...edit.select);
}

function select(field: HTMLTextAreaElement | null, line: number) {
  if (!field) return;
  const [from, to] = placeOfLine(field.value, line);
  field.focus();
  field.setSelectionRange(from, to);
  field.scrollTop = Math.max(0, (line - 1) * lineHeight - field.clientHeight / 2);
}

function worstByLine(findings: Api["Finding"][]): Map<number, string> {
  const worst = new Map<number, string>();
  for (const f of findings) if (worst.get(f.line) !== "error") worst.set(f.line, f.severity);
  return worst;
}

const classOf = (severity?: string) => (severity === undefined ? undefined : severity === "error" ? "tasks-bad" : "tasks-doubt");
const signOf = (severity?: string) => (severity === undefined ? "" : severity === "error" ? "✕ " : "▲ ");
