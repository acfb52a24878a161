import type { Page } from "../pages";

export const pages: Page[] = [
  { path: "/hosts", load: () => import("./list") },
  { path: "/hosts/$host", load: () => import("./detail") },
  { path: "/masters", load: () => import("./masters") },
  { path: "/services", load: () => import("./services") },
  { path: "/worker-groups", load: () => import("./groups") },
];
