import type { Page } from "../pages";

export const pages: Page[] = [
  { path: "/operations", load: () => import("./list") },
  { path: "/operations/$id", load: () => import("./detail") },
  { path: "/operations/rerun/new", load: () => import("./rerun") },
  { path: "/operations/coldstart/new", load: () => import("./coldstart") },
];
