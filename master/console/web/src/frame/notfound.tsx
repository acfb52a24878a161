import { Button, Result } from "antd";
import { useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { words } from "./words";

export default function NotFound() {
  const t = useWords(words);
  const go = useGo();
  return <Result status="404" title={t("noPage")} subTitle={location.pathname} extra={<Button onClick={() => go("/")}>{t("home")}</Button>} />;
}
