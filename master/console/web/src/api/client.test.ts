import { expect, it } from "vitest";
import { Trouble, readTrouble } from "./client";

const answer = (status: number, body: string) => new Response(body, { status, statusText: "Sorry", headers: { "X-Request-Id": "r1" } });

it.each([
  ["a problem", answer(404, '{"code":"NOT_FOUND","detail":"There is no such task.","hint":"Look for it."}'), new Trouble(404, "NOT_FOUND", "There is no such task.", "Look for it.", "r1")],
  ["a problem with its own request", answer(500, '{"code":"INTERNAL","title":"Broken","requestId":"r2"}'), new Trouble(500, "INTERNAL", "Broken", "", "r2")],
  ["a plan that is stale", answer(409, '{"code":"PLAN_STALE","detail":"Stale.","difference":["- a_d","+ b_d"]}'), new Trouble(409, "PLAN_STALE", "Stale.", "", "r1", ["- a_d", "+ b_d"])],
  ["what a proxy says", answer(502, "<html>"), new Trouble(502, "HTTP_502", "Sorry", "", "r1")],
  ["no object", answer(400, "null"), new Trouble(400, "HTTP_400", "Sorry", "", "r1")],
])("reads %s", async (_, response, want) => {
  const got = await readTrouble(response);
  expect({ ...got, message: got.message }).toEqual({ ...want, message: want.message });
});
