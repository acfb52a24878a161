import type { Page } from "../pages";

export const pages: Page[] = [
  { path: "/tasks", load: () => import("./list") },
  { path: "/tasks/new", load: () => import("./new") },
  { path: "/tasks/$name", load: () => import("./detail") },
  { path: "/tasks/$name/edit", load: () => import("./edit") },
];
