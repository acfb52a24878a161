import type { Page } from "../pages";

export const pages: Page[] = [
  { path: "/admin", load: () => import("./overview") },
  { path: "/admin/me", load: () => import("./me") },
  { path: "/admin/users", load: () => import("./users") },
  { path: "/admin/users/$name", load: () => import("./user") },
  { path: "/admin/departments", load: () => import("./departments") },
  { path: "/admin/projects", load: () => import("./projects") },
  { path: "/admin/projects/$name", load: () => import("./project") },
  { path: "/admin/accounts", load: () => import("./accounts") },
  { path: "/admin/tokens", load: () => import("./tokens") },
  { path: "/admin/sessions", load: () => import("./sessions") },
  { path: "/admin/settings", load: () => import("./settings") },
  { path: "/admin/audit", load: () => import("./audit") },
  { path: "/admin/permissions", load: () => import("./permissions") },
];
