import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useDeferredValue, useEffect, useRef, useState } from "react";
import { type Api, api, body } from "../api/client";
import { useKey } from "../ui/keys";
import { enc, useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { words } from "./words";

type Found = Api["Found"];

const kinds = ["task", "batch", "host", "operation", "project", "user"] as const;
type Kind = (typeof kinds)[number];

/** Where something that was found is shown. */
const pageOf: Record<Kind, (name: string) => string> = {
  task: (name) => `/tasks/${enc(name)}`,
  batch: (name) => `/batches/${enc(name)}`,
  host: (name) => `/hosts/${enc(name)}`,
  operation: (name) => `/operations/${enc(name)}`,
  project: (name) => `/tasks?project=${enc(name)}`,
  user: (name) => `/tasks?owner=${enc(name)}`,
};

type Hit = { found: Found; to: string; id: string };

/** Finds tasks, batches, workers and operations by what is typed; `/` comes here, arrows and Enter choose. */
export default function Search() {
  const t = useWords(words);
  const go = useGo();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [entered, setEntered] = useState(false);
  const q = useDeferredValue(text.trim());
  const reply = useFound(q);
  useKey("/", () => input.current?.focus());

  const groups = kinds.flatMap((kind) => {
    const group = reply.data?.groups?.find((g) => g.kind === kind);
    const hits = (group?.items ?? []).map((found, i): Hit => ({ found, to: pageOf[kind](found.name), id: `found-${kind}-${i}` }));
    return hits.length === 0 ? [] : [{ kind, hits, more: group?.more ?? false }];
  });
  const all = groups.flatMap((g) => g.hits);
  const here = all[Math.min(at, all.length - 1)];
  const shown = q !== "" && reply.data !== undefined;

  const fresh = !reply.isPlaceholderData && q === text.trim();
  useEffect(() => {
    if (!entered || !fresh || !reply.data) return;
    setEntered(false);
    if (here) open(here);
  });

  const close = () => {
    setText("");
    input.current?.blur();
  };
  const open = (hit: Hit) => {
    close();
    const [path = "", query] = hit.to.split("?");
    go(path, Object.fromEntries(new URLSearchParams(query)));
  };
  const press = (e: KeyboardEvent) => {
    if (e.key === "Escape") close();
    else if (e.key === "Enter") setEntered(text.trim() !== ""); // opened when the answer to this very text is there
    else if (e.key === "ArrowDown") setAt(Math.min(at + 1, all.length - 1));
    else if (e.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else return;
    e.preventDefault();
  };
  return (
    <div className="search">
      <input
        ref={input}
        role="combobox"
        aria-label={t("search")}
        aria-expanded={shown}
        aria-controls="found"
        aria-autocomplete="list"
        aria-activedescendant={shown ? here?.id : undefined}
        autoComplete="off"
        placeholder={`${t("searchHint")}  /`}
        value={text}
        onChange={(e) => {
          setText(e.target.value);
          setAt(0);
          setEntered(false);
        }}
        onKeyDown={press}
      />
      {shown && (
        <div className="found">
          {all.length === 0 && <p role="status">{t("nothingFound", { q })}</p>}
          <div id="found" role="listbox" aria-label={t("search")}>
            {groups.map((g) => (
              <div key={g.kind} role="group" aria-label={t(`found_${g.kind}`)}>
                <p className="faint">{t(`found_${g.kind}`) + (g.more ? ` · ${t("moreFound")}` : "")}</p>
                {g.hits.map((hit) => (
                  <div key={hit.id} id={hit.id} role="option" aria-selected={hit === here} onMouseDown={(e) => e.preventDefault()} onClick={() => open(hit)}>
                    {hit.found.name} <span className="faint">{hit.found.text}</span>
                  </div>
                ))}
              </div>
            ))}
          </div>
        </div>
      )}
    </div>
  );
}

function useFound(q: string) {
  return useQuery({
    queryKey: ["search", q],
    queryFn: ({ signal }) => body(api.GET("/api/v1/search", { params: { query: { q, limit: 8 } }, signal })),
    enabled: q !== "",
    placeholderData: (before) => before,
  });
}
