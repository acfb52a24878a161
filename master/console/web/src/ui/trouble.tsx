import { Alert, Button } from "antd";
import { Trouble } from "../api/client";
import { commonWords } from "./commonwords";
import { Copy } from "./copy";
import { useWords } from "./words";

type Props = { trouble: unknown; retry?: () => void; stillShown?: boolean };

/** What went wrong: the sentence, what helps, the code and the id of the request to look for. */
export function TroubleBox({ trouble, retry, stillShown }: Props) {
  const t = useWords(commonWords);
  const known = trouble instanceof Trouble ? trouble : new Trouble(0, "CONSOLE", String(trouble));
  const sentence = known.code === "NO_ANSWER" ? t("noAnswer") : known.message;
  return (
    <Alert
      type="error"
      role="alert"
      showIcon
      className="trouble"
      title={sentence}
      description={
        <span className="pieces">
          {known.hint !== "" && <span>{known.hint}</span>}
          {stillShown && <span>{t("old")}</span>}
          <code>{known.code}</code>
          {known.requestId !== "" && (
            <span>
              {t("request")} <code>{known.requestId}</code> <Copy text={known.requestId} />
            </span>
          )}
          {retry && (
            <Button size="small" onClick={retry}>
              {t("again")}
            </Button>
          )}
        </span>
      }
    />
  );
}
