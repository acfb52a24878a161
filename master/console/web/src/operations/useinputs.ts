import { useEffect, useRef, useState } from "react";
import { useUrl } from "../ui/url";
import { type Inputs, type Kind, inputsOf, searchOf } from "./inputs";

/** What a wizard is given: begun from the address, which then follows it, so that a link reproduces it. */
export function useInputs(kind: Kind): [Inputs, (patch: Partial<Inputs>) => void] {
  const [url, setUrl] = useUrl();
  const [inputs, setInputs] = useState(() => inputsOf(kind, url));
  const follow = useRef(setUrl);
  follow.current = setUrl;
  useEffect(() => {
    const timer = setTimeout(() => follow.current(searchOf(inputs)), 300);
    return () => clearTimeout(timer);
  }, [inputs]);
  return [inputs, (patch) => setInputs((before) => ({ ...before, ...patch }))];
}
