/** One event of the stream. */
export type LiveEvent = { kind: string; id: string; data: unknown };

/** Cuts the text of an event stream into events; what is unfinished stays for the next piece. */
export class EventReader {
  private rest = "";

  push(piece: string): LiveEvent[] {
    const blocks = (this.rest + piece).split("\n\n");
    this.rest = blocks.pop() ?? "";
    return blocks.map(parse).filter((e) => e !== undefined);
  }
}

function parse(block: string): LiveEvent | undefined {
  const event = { kind: "message", id: "", data: "" };
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon < 1) continue;
    const value = line.slice(colon + 1).replace(/^ /, "");
    const name = line.slice(0, colon);
    if (name === "event") event.kind = value;
    if (name === "id") event.id = value;
    if (name === "data") event.data += value;
  }
  if (event.data === "" && event.kind === "message") return undefined;
  return { ...event, data: event.data === "" ? undefined : (JSON.parse(event.data) as unknown) };
}
