import type { ButtonProps } from "antd";
import { type ComponentProps, useState } from "react";
import { Act } from "./act";
import { Ask } from "./ask";

type AskProps<V extends object> = Omit<ComponentProps<typeof Ask<V>>, "open" | "close" | "verb">;
type Props<V extends object> = AskProps<V> & {
  action: string; // a name of docs/permissions.md
  label: string; // on the button
  verb?: string; // in the dialog, where it says more than the label
  of?: string; // what of, where the label alone does not say which row it is of
  button?: ButtonProps;
};

/** A button that asks before it changes something. Its dialog is made when it is first wanted, so that a list may have many. */
export function AskAct<V extends object = object>({ action, label, verb = label, of, button, ...ask }: Props<V>) {
  const [open, setOpen] = useState(false);
  const [used, setUsed] = useState(false);
  const start = () => {
    setUsed(true);
    setOpen(true);
  };
  return (
    <>
      <Act action={action} size="small" autoInsertSpace={false} style={{ minHeight: 24 }} aria-label={of && `${label}: ${of}`} {...button} onClick={start}>
        {label}
      </Act>
      {used && <Ask<V> {...ask} verb={verb} open={open} close={() => setOpen(false)} />}
    </>
  );
}
