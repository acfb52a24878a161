import { Modal } from "antd";
import { useState } from "react";
import { useKey } from "../ui/keys";
import { useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { words } from "./words";

const list = [
  ["/", "keySearch"], ["j k", "keyMove"], ["Enter", "keyOpen"], ["x", "keySelect"], ["e", "keyExplain"], ["l", "keyLog"], ["r", "keyRerun"],
  ["g b", "keyGoBatches"], ["g t", "keyGoTasks"], ["g w", "keyGoHosts"], ["g o", "keyGoOperations"], ["?", "keyHelp"],
] as const;

/** The keys of every page, and the list of them. */
export default function Keys() {
  const t = useWords(words);
  const go = useGo();
  const [open, setOpen] = useState(false);
  useKey("?", () => setOpen(true));
  useKey("g b", () => go("/batches"));
  useKey("g t", () => go("/tasks"));
  useKey("g w", () => go("/hosts"));
  useKey("g o", () => go("/operations"));
  return (
    <Modal open={open} onCancel={() => setOpen(false)} footer={null} title={t("keys")}>
      <table className="table">
        <tbody>
          {list.map(([key, word]) => (
            <tr key={key}>
              <td><kbd>{key}</kbd></td>
              <td>{t(word)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
