import type { Row } from "./gridmap";

/** Rows under a heading for each project, in the order of names; the tasks of closed projects are left out. */
export function grouped(rows: Row[], closed: ReadonlySet<string>): Row[] {
  const projects = new Map<string, Row[]>();
  for (const row of rows) projects.set(row.project, [...(projects.get(row.project) ?? []), row]);
  return [...projects].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([project, tasks]) => {
    const open = !closed.has(project);
    return [headingOf(project, tasks.length, open), ...(open ? tasks : [])];
  });
}

const headingOf = (project: string, tasks: number, open: boolean): Row => ({ task: "", project, title: "", enabled: true, cells: "", runs: new Map(), late: new Map(), group: { tasks, open } });

/** The projects that are closed once one of them has been turned over, as the address has them. */
export function turned(closed: ReadonlySet<string>, project: string): string | undefined {
  const next = new Set(closed);
  if (!next.delete(project)) next.add(project);
  return [...next].sort().join(",") || undefined;
}

export const closedOf = (text: string | undefined): ReadonlySet<string> => new Set((text ?? "").split(",").filter(Boolean));
