import { CopyOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { commonWords } from "./commonwords";
import { useWords } from "./words";

/** A button that copies a text, also where the browser has no clipboard for pages without https. */
export function Copy({ text }: { text: string }) {
  const t = useWords(commonWords);
  const [done, setDone] = useState(false);
  async function copy() {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copyBySelection(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  }
  return (
    <Button size="small" type="text" icon={<CopyOutlined />} aria-label={t("copy")} onClick={() => void copy()}>
      {done && t("copied")}
    </Button>
  );
}

function copyBySelection(text: string) {
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
