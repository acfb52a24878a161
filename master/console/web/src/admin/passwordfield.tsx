import { Checkbox, Form, Input } from "antd";
import type { ReactNode } from "react";
import { useWords } from "../ui/words";
import { peopleWords } from "./peoplewords";

type Props = { name: string; label: string; help?: ReactNode; required?: boolean; keep?: boolean };

/** A field for a new password, and whether it is to be changed at the next login. */
export function PasswordField({ name, label, help, required, keep }: Props) {
  const t = useWords(peopleWords);
  return (
    <>
      <Form.Item name={name} label={label} extra={help} rules={[{ required }, { min: 12 }]}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      {keep && (
        <Form.Item name="keepPassword" valuePropName="checked">
          <Checkbox>{t("keep")}</Checkbox>
        </Form.Item>
      )}
    </>
  );
}
