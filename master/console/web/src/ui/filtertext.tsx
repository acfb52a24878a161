import { Input } from "antd";
import { useUrl } from "./url";

type Props = {
  name: string; // in the address
  label: string; // what it narrows the list to, for who does not see where it stands
  hint?: string; // in the empty field; the label unless it is too long
  width?: number;
  list?: string; // the id of what a browser may offer
};

/** A text that a list is narrowed to; it stands in the address. */
export function FilterText({ name, label, hint = label, width = 200, list }: Props) {
  const [url, set] = useUrl();
  return <Input.Search key={url[name] ?? ""} aria-label={label} placeholder={hint} defaultValue={url[name]} list={list} onSearch={(text) => set({ [name]: text.trim() || undefined })} allowClear style={{ width }} />;
}
