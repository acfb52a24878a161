import { Button, type ButtonProps, Tooltip } from "antd";
import { useMay } from "../frame/session";
import { commonWords } from "./commonwords";
import { useWords } from "./words";

type Props = ButtonProps & { action: string };

/** A button for what not everybody may do: who may not sees it, disabled, with what is missing. `action` is a name of docs/permissions.md. */
export function Act({ action, ...button }: Props) {
  const t = useWords(commonWords);
  const may = useMay();
  if (may(action)) return <Button {...button} />;
  return (
    <Tooltip title={t("refused", { action })}>
      <Button {...button} disabled aria-disabled />
    </Tooltip>
  );
}
