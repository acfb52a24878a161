import { To } from "../ui/link";
import { useWords } from "../ui/words";
import "./admin.css";
import { parts } from "./shell";
import { words } from "./words";

export default function Overview() {
  const t = useWords(words);
  return (
    <>
      <div className="head">
        <h1>{t("admin")}</h1>
      </div>
      <ul className="admin-cards">
        {parts.map((part) => (
          <li key={part}>
            <To to={`/admin/${part}`}>
              <strong>{t(part)}</strong>
              <span>{t(`${part}Text`)}</span>
            </To>
          </li>
        ))}
      </ul>
    </>
  );
}
