import { Button } from "antd";
import { useLocation } from "@tanstack/react-router";
import { useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { words } from "./words";

/** What an address shows that no page has. */
export default function NotFound() {
  const t = useWords(words);
  const go = useGo();
  const path = useLocation().pathname;
  return (
    <>
      <div className="head"><h1>{t("noPage")}</h1></div>
      <p><code>{path}</code></p>
      <Button onClick={() => go("/")}>{t("home")}</Button>
    </>
  );
}
