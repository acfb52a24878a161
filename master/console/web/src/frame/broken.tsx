import { Alert, Button } from "antd";
import { useWords } from "../ui/words";
import { words } from "./words";

/** What stands for a page that failed by itself, or whose code did not come, as after an upgrade of the master. */
export function Broken({ error }: { error: unknown }) {
  const t = useWords(words);
  return (
    <Alert
      type="error"
      role="alert"
      showIcon
      title={t("broken")}
      description={<span className="pieces"><code>{error instanceof Error ? error.message : String(error)}</code></span>}
      action={<Button onClick={() => location.reload()}>{t("loadAnew")}</Button>}
    />
  );
}
