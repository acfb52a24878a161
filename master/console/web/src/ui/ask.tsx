import { Form, Input, Modal } from "antd";
import { type ReactNode, useEffect, useState } from "react";
import { commonWords } from "./commonwords";
import { TroubleBox } from "./trouble";
import { useWords } from "./words";

type Props<V extends object> = {
  open: boolean;
  title: string;
  verb: string; // on the button, as "Kill 3 batches"
  danger?: boolean;
  phrase?: string; // must be typed first, for what is severe
  phraseLabel?: string;
  reason?: "required" | "optional";
  children?: ReactNode; // what it is about, and further fields (Form.Item with names)
  initial?: Partial<V>;
  act: (values: V & { reason?: string }) => Promise<unknown>;
  close: () => void;
};

/** Asks before something is changed: what, a reason, and a typed phrase for what is severe. Stays open and says why when it fails. */
export function Ask<V extends object = object>(props: Props<V>) {
  const t = useWords(commonWords);
  const [form] = Form.useForm();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<unknown>();
  const [typed, setTyped] = useState("");
  useEffect(() => {
    if (!props.open) return;
    setTrouble(undefined);
    setTyped("");
    form.resetFields();
  }, [props.open, form]);

  async function act(values: V & { reason?: string }) {
    setBusy(true);
    setTrouble(undefined);
    try {
      await props.act(values);
      props.close();
    } catch (error) {
      setTrouble(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Modal
      open={props.open}
      title={props.title}
      onCancel={props.close}
      onOk={() => form.submit()}
      okText={props.verb}
      cancelText={t("cancel")}
      okButtonProps={{ danger: props.danger, disabled: props.phrase !== undefined && typed !== props.phrase, loading: busy }}
      cancelButtonProps={{ autoFocus: props.danger }}
      destroyOnHidden
    >
      {trouble !== undefined && <TroubleBox trouble={trouble} />}
      <Form form={form} layout="vertical" onFinish={(values: V & { reason?: string }) => void act(values)} initialValues={props.initial} requiredMark={false}>
        {props.children}
        {props.reason && (
          <Form.Item name="reason" label={t("reason")} rules={[{ required: props.reason === "required", whitespace: true }]}>
            <Input.TextArea rows={3} maxLength={400} />
          </Form.Item>
        )}
        {props.phrase !== undefined && (
          <Form.Item label={props.phraseLabel ?? props.phrase} htmlFor="phrase">
            <Input id="phrase" value={typed} onChange={(e) => setTyped(e.target.value)} autoComplete="off" />
          </Form.Item>
        )}
      </Form>
    </Modal>
  );
}
