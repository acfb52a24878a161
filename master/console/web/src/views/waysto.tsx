import { AutoComplete } from "antd";
import { useState } from "react";
import { useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { useTaskNames } from "./tasknames";
import { words } from "./words";

/** Asks for the ways between the task in the middle and another one. */
export function WaysTo({ from, to }: { from: string; to?: string }) {
  const t = useWords(words);
  const [, set] = useUrl();
  const [text, setText] = useState(to ?? "");
  const names = useTaskNames(text).filter((name) => name !== from);
  const ask = (name = "") => {
    if (name !== (to ?? "")) set({ to: name || undefined, node: undefined, more: undefined }, true);
  };
  return (
    <AutoComplete
      aria-label={t("waysTo")}
      placeholder={t("waysTo")}
      value={text}
      onChange={(value?: string) => { setText(value ?? ""); if (!value) ask(""); }}
      onSelect={ask}
      onInputKeyDown={(e) => { if (e.key === "Enter" && names.includes(text.trim())) ask(text.trim()); }}
      options={names.map((value) => ({ value }))}
      popupMatchSelectWidth={320}
      allowClear
      style={{ width: 200 }}
    />
  );
}
