import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

/** The types of the interface, by the names that its document gives them. */
export type Api = components["schemas"];

/** What the master answers when it does not do what was asked, or what stands for no answer. */
export class Trouble extends Error {
  constructor(
    readonly status: number, // 0: there was no answer
    readonly code: string,
    message: string,
    readonly hint = "",
    readonly requestId = "",
    readonly difference: string[] = [], // of a plan that the world has overtaken: PLAN_STALE
  ) {
    super(message);
  }
}

/** Told when a call finds that the session has ended. */
let whenLoggedOut = () => {};
export function onLoggedOut(tell: () => void) {
  whenLoggedOut = tell;
}

const client = createClient<paths>({ baseUrl: "/" });

client.use({
  async onResponse({ response, schemaPath }) {
    if (response.ok) return undefined;
    const trouble = await readTrouble(response);
    if (response.status === 401 && schemaPath !== "/api/v1/login") whenLoggedOut();
    throw trouble;
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === "AbortError") return error;
    return new Trouble(0, "NO_ANSWER", error instanceof Error ? error.message : String(error));
  },
});

/** Reads the problem that a response tells of. */
export async function readTrouble(response: Response): Promise<Trouble> {
  const requestId = response.headers.get("X-Request-Id") ?? "";
  const body: unknown = await response.json().catch(() => undefined);
  if (typeof body !== "object" || body === null) return new Trouble(response.status, `HTTP_${response.status}`, response.statusText, "", requestId);
  const p = body as Partial<Api["Problem"]>;
  return new Trouble(response.status, p.code ?? `HTTP_${response.status}`, p.detail ?? p.title ?? response.statusText, p.hint ?? "", p.requestId ?? requestId, p.difference ?? []);
}

type Reply<T> = Promise<{ data?: T }>;

/** The body of an answer; what fails has thrown a Trouble by then. */
export async function body<T>(reply: Reply<T>): Promise<T> {
  const { data } = await reply;
  return data as T;
}

export const api = client;
