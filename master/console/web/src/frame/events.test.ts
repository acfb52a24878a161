import { expect, it } from "vitest";
import { EventReader } from "./events";

it("puts events together that come in pieces, and leaves comments out", () => {
  const reader = new EventReader();
  expect(reader.push('retry: 2000\n\n: alive\n\nevent: batch\nid: 1-7\nda')).toEqual([]);
  expect(reader.push('ta: {"ref":"a/1.0"}\n\nevent: resync\n\nevent: host\nid: 8\n')).toEqual([
    { kind: "batch", id: "1-7", data: { ref: "a/1.0" } },
    { kind: "resync", id: "", data: undefined },
  ]);
  expect(reader.push('data: {"host":"w1"}\n\n')).toEqual([{ kind: "host", id: "8", data: { host: "w1" } }]);
});
