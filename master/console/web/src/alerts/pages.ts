import type { Page } from "../pages";

export const pages: Page[] = [
  { path: "/alerts", load: () => import("./alerts") },
  { path: "/alerts/$id", load: () => import("./alert") },
  { path: "/incidents/$code", load: () => import("./incident") },
  { path: "/a/$code", load: () => import("./incident") },
  { path: "/duty", load: () => import("./duty") },
  { path: "/reports", load: () => import("./reports") },
];
