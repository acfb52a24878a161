import { createContext, useContext } from "react";

export type Lang = "en" | "zh";

const kept = "capri.lang";

/** The language that was chosen here before, or the browser's. */
export function firstLang(): Lang {
  const chosen = localStorage.getItem(kept);
  if (chosen === "en" || chosen === "zh") return chosen;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function keepLang(lang: Lang) {
  localStorage.setItem(kept, lang);
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
}

export const LangContext = createContext<Lang>("en");
export const useLang = () => useContext(LangContext);

type Texts = Record<string, string>;
type Words<T extends Texts> = { en: T; zh: Record<keyof T, string> };

/** The texts of a part of the console in both languages; a key that one of them lacks does not compile. */
export function defineWords<const T extends Texts>(words: { en: T; zh: NoInfer<{ [K in keyof T]: string }> }): Words<T> {
  return words;
}

/** Fills `{name}` with values. */
export function fill(text: string, values: Record<string, string | number> = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** A function that gives texts in the language of the page. */
export function useWords<T extends Texts>(words: Words<T>) {
  const lang = useLang();
  return (key: keyof T & string, values?: Record<string, string | number>) => fill(words[lang][key] as string, values);
}
