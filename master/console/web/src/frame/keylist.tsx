import { Modal } from "antd";
import { useWords } from "../ui/words";
import { words } from "./words";

const list = [
  ["/", "keySearch"], ["j k", "keyMove"], ["Enter", "keyOpen"], ["x", "keySelect"], ["e", "keyExplain"], ["l", "keyLog"], ["r", "keyRerun"],
  ["g b", "keyGoBatches"], ["g t", "keyGoTasks"], ["g w", "keyGoHosts"], ["g o", "keyGoOperations"], ["?", "keyHelp"],
] as const;

/** The list of the keys. */
export default function KeyList({ close }: { close: () => void }) {
  const t = useWords(words);
  return (
    <Modal open onCancel={close} footer={null} title={t("keys")}>
      <table className="table">
        <tbody>
          {list.map(([key, word]) => (
            <tr key={key}>
              <th scope="row"><kbd>{key}</kbd></th>
              <td>{t(word)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
