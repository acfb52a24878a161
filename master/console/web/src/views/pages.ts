import type { Page } from "../pages";

export const pages: Page[] = [
  { path: "/batches/grid", load: () => import("./grid") },
  { path: "/graph", load: () => import("./graph") },
];
