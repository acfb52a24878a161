import { useQueryClient } from "@tanstack/react-query";
import { useWords } from "../ui/words";
import { words } from "./words";

/** Says what was done, and has read again what it is about. */
export function useDone(said: (sentence: string) => void, ...topics: string[]) {
  const t = useWords(words);
  const queries = useQueryClient();
  return async (sentence = t("done")) => {
    said(sentence);
    await Promise.all(topics.map((topic) => queries.invalidateQueries({ queryKey: [topic] })));
  };
}
