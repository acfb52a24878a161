import { useQuery } from "@tanstack/react-query";
import { AutoComplete, Input, type InputRef } from "antd";
import { useDeferredValue, useRef, useState } from "react";
import { type Api, api, body } from "../api/client";
import { useKey } from "../ui/keys";
import { enc, useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { words } from "./words";

type Found = Api["Found"];

/** Where something that was found is shown; what has no page of its own is not offered. */
function pageOf(found: Found): string | undefined {
  switch (found.kind) {
    case "task": return `/tasks/${enc(found.name)}`;
    case "batch": return `/batches/${enc(found.name)}`;
    case "host": case "worker": return `/hosts/${enc(found.name)}`;
    case "operation": return `/operations/${enc(found.name)}`;
    default: return undefined;
  }
}

/** Finds tasks, batches, workers and operations by what is typed; `/` comes here. */
export default function Search() {
  const t = useWords(words);
  const go = useGo();
  const input = useRef<InputRef>(null);
  const [text, setText] = useState("");
  const q = useDeferredValue(text.trim());
  const found = useQuery({
    queryKey: ["search", q],
    queryFn: ({ signal }) => body(api.GET("/api/v1/search", { params: { query: { q, limit: 8 } }, signal })),
    enabled: q.length > 0,
    placeholderData: (before) => before,
  });
  useKey("/", () => input.current?.focus());

  const groups = (found.data?.groups ?? []).map((group) => ({
    label: group.kind,
    options: (group.items ?? []).flatMap((item) => {
      const to = pageOf(item);
      return to === undefined ? [] : [{ value: to, label: <Hit found={item} /> }];
    }),
  }));
  const open = (to: string) => {
    setText("");
    input.current?.blur();
    go(to);
  };
  return (
    <AutoComplete
      className="search"
      value={text}
      onChange={setText}
      onSelect={open}
      options={q === "" ? [] : groups.filter((g) => g.options.length > 0)}
      notFoundContent={q !== "" && found.data ? t("nothingFound", { q }) : null}
      popupMatchSelectWidth={380}
    >
      <Input ref={input} aria-label={t("search")} placeholder={`${t("searchHint")}  /`} allowClear />
    </AutoComplete>
  );
}

function Hit({ found }: { found: Found }) {
  return (
    <span>
      {found.name} <span className="faint">{found.text}</span>
    </span>
  );
}
