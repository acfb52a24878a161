import { expect, it } from "vitest";

type Words = { en: Record<string, string>; zh: Record<string, string> };

const modules = import.meta.glob<Record<string, Words>>(["../**/*words.ts", "!./words.ts"], { eager: true });

it("has every text in both languages, with the same values in it", () => {
  const values = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
  const wrong: string[] = [];
  let texts = 0;
  for (const [file, exported] of Object.entries(modules))
    for (const { en, zh } of Object.values(exported).filter((w) => "en" in w && "zh" in w))
      for (const key of new Set([...Object.keys(en), ...Object.keys(zh)])) {
        texts++;
        if (!en[key]?.trim() || !zh[key]?.trim()) wrong.push(`${file}: ${key} is missing or empty in a language`);
        else if (values(en[key]).join() !== values(zh[key]).join()) wrong.push(`${file}: ${key} has other values in the two languages`);
      }
  expect(wrong).toEqual([]);
  expect(texts).toBeGreaterThan(50);
});
