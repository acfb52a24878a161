import { Button, Result } from "antd";
import { useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { words } from "./words";

export default function NotFound() {
  const t = useWords(words);
  const go = useGo();
  return <main className="page"><h1>{t("noPage")}</h1><Result status="404" subTitle={location.pathname} extra={<Button onClick={() => go("/")}>{t("home")}</Button>} /></main>;
}
