import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Search } from "./url";

type Props = { to: string; search?: Search; children: ReactNode; className?: string };

/** A link to a page of the console by its path. */
export function To({ to, search, children, className }: Props) {
  return (
    <Link to={to as never} search={(search ?? {}) as never} className={className} activeOptions={{ exact: true }}>
      {children}
    </Link>
  );
}
