import { Alert } from "antd";
import type { ReactNode } from "react";
import { To } from "../ui/link";
import { useWords } from "../ui/words";
import "../ui/partsnav.css";
import "./admin.css";
import { words } from "./words";

export const parts = ["me", "users", "departments", "projects", "accounts", "tokens", "sessions", "settings", "audit", "permissions"] as const;

type Props = { title: string; actions?: ReactNode; said?: string; forget?: () => void; children: ReactNode };

/** What is around every page of the administration: its heading, what can be done, the way to the others, what was just done. */
export function Shell({ title, actions, said, forget, children }: Props) {
  const t = useWords(words);
  return (
    <>
      <div className="head">
        <h1>{title}</h1>
        <span className="grow" />
        {actions}
      </div>
      <nav className="partsnav" aria-label={t("parts")}>
        {parts.map((part) => (
          <To key={part} to={`/admin/${part}`}>{t(part)}</To>
        ))}
      </nav>
      <div role="status">{said && <Alert className="admin-said" type="success" title={said} closable={{ onClose: forget }} />}</div>
      {children}
    </>
  );
}
