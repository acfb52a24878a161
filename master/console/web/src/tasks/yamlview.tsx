import { memo } from "react";
import { yamlParts } from "./yamlparts";

/** YAML in colours. */
export const Yaml = memo(function Yaml({ text }: { text: string }) {
  return yamlParts(text).map((parts, i) => (
    <span key={i}>
      {parts.map((p, j) => (p.kind === "plain" ? p.text : <span key={j} className={`tasks-y-${p.kind}`}>{p.text}</span>))}
      {"\n"}
    </span>
  ));
});
