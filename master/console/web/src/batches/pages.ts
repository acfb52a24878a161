import type { Page } from "../pages";

export const pages: Page[] = [
  { path: "/batches", load: () => import("./list") },
  { path: "/batches/$ref", load: () => import("./detail") },
];
