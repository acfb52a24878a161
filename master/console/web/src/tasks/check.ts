import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { type Api, api, body } from "../api/client";

export type DiffItem = Api["DiffItem"];

const rest = 350; // milliseconds without a key before the text is judged

function useRested(text: string): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), rest);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}

/** The master's judgement of a text while it is written: findings as lint has them, and what saving it would change. One call answers both. */
export function useCheck(file: string, text: string) {
  const rested = useRested(text);
  const answer = useQuery({
    queryKey: ["draft", file, rested],
    queryFn: ({ signal }) => body(api.POST("/api/v1/tasks/diff", { body: { files: [{ name: file, text: rested }] }, signal })),
    gcTime: 60_000,
  });
  const last = useRef(answer.data); // stays while the next answer is awaited, or does not come
  if (answer.data) last.current = answer.data;
  const findings = last.current?.findings ?? [];
  const items = last.current?.items ?? [];
  return {
    findings,
    items,
    errors: findings.filter((f) => f.severity === "error").length,
    judged: last.current !== undefined,
    current: rested === text && answer.data !== undefined, // says what is true of the text as it is now
    trouble: answer.error,
    retry: () => answer.refetch(),
  };
}

export type Check = ReturnType<typeof useCheck>;

/** The versions that a difference was made against, by task; 0: not there. What is saved then is what was looked at. */
export function versionsBefore(items: DiffItem[]): Record<string, number> {
  const tasks = items.filter((i) => i.kind === "Task" && i.action !== "unchanged");
  return Object.fromEntries(tasks.map((i) => [i.name, i.action === "created" ? 0 : (i.version ?? 1) - 1]));
}
