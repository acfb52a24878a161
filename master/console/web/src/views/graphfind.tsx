import { AutoComplete, Input } from "antd";
import { useState } from "react";
import { useGo } from "../ui/url";
import { useWords } from "../ui/words";
import type { Picture } from "./picture";
import { few, useTaskNames } from "./tasknames";
import { words } from "./words";

/** Finds a node of the picture and shows it, or a task that is not in it and goes to its neighbourhood. */
export function GraphFind({ picture, choose }: { picture?: Picture; choose: (index: number) => void }) {
  const t = useWords(words);
  const go = useGo();
  const [text, setText] = useState("");
  const q = text.trim();
  const tasks = useTaskNames(text);
  const here = q === "" ? [] : (picture?.nodes ?? []).filter((n) => n.id.toLowerCase().includes(q.toLowerCase())).slice(0, few).map((n) => n.id);
  const others = tasks.filter((name) => picture?.indexOf.get(name) === undefined);
  const options = [
    { label: t("inPicture"), options: here.map((value) => ({ value })) },
    { label: t("elsewhere"), options: others.map((value) => ({ value })) },
  ].filter((g) => g.options.length > 0);
  const select = (id: string) => {
    setText("");
    const index = picture?.indexOf.get(id);
    if (index === undefined) go("/graph", { task: id });
    else choose(index);
  };
  return (
    <AutoComplete value={text} onChange={setText} onSelect={select} options={options} popupMatchSelectWidth={320} style={{ width: 240 }}>
      <Input aria-label={t("find")} placeholder={t("find")} allowClear />
    </AutoComplete>
  );
}
