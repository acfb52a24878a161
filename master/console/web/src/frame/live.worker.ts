import { Audience } from "./audience";

// Runs once for all pages of a browser: HTTP/1.1 allows six connections to a host,
// and a stream of its own for each page would use them up.
const audience = new Audience();

(globalThis as unknown as { onconnect: (e: MessageEvent) => void }).onconnect = (e) => {
  const port = e.ports[0];
  if (!port) return;
  port.onmessage = ({ data }: MessageEvent<"join" | "leave">) => (data === "join" ? audience.join(port) : audience.leave(port));
};
