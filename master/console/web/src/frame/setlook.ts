import { createContext, useContext } from "react";
import type { Mode } from "../ui/look";
import type { Lang } from "../ui/words";

type Setters = { setLang: (lang: Lang) => void; setMode: (mode: Mode) => void };

export const SetLook = createContext<Setters>({ setLang: () => {}, setMode: () => {} });
export const useSetLook = () => useContext(SetLook);
