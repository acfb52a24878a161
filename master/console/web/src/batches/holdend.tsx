import { Form, Select } from "antd";
import { useWords } from "../ui/words";
import { words } from "./detailwords";

const ends = [0, 1, 4, 12, 24, 72];

/** When a hold ends by itself. */
export function HoldEnd() {
  const t = useWords(words);
  return (
    <Form.Item name="hours" label={t("holdEnd")}>
      <Select options={ends.map((value) => ({ value, label: value === 0 ? t("untilReleased") : t("forHours", { n: value }) }))} />
    </Form.Item>
  );
}

/** The instant at which a hold of so many hours ends; none when a person is to end it. */
export const untilOf = (hours = 0) => (hours === 0 ? undefined : Date.now() + hours * 3_600_000);
