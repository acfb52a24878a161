import { useParams } from "@tanstack/react-router";
import { enc } from "../ui/url";

/** A batch as the interface takes it in a path: the run may be missing, then it is the run that counts. */
export type Path = { task: string; run: string };

/** Cuts `task/workNo.run` where the name of the task ends. */
export function pathOf(ref: string): Path {
  const slash = ref.lastIndexOf("/");
  return slash < 0 ? { task: ref, run: "" } : { task: ref.slice(0, slash), run: ref.slice(slash + 1) };
}

/** The batch that the address names. */
export function useRef(): string {
  const { ref } = useParams({ strict: false }) as { ref?: string };
  return ref ?? "";
}

/** Where the console shows a batch. */
export const pageOf = (ref: string) => `/batches/${enc(ref)}`;

/** Where the interface has something of a batch, such as its logs. */
export const callOf = ({ task, run }: Path, what: string) => `/api/v1/batches/${enc(task)}/${enc(run)}/${what}`;
