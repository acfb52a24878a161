import { Skeleton } from "antd";
import { type ComponentType, useEffect, useState } from "react";

/** A component whose code is read when it is first shown. What stands in for React's own lazy ones stays for 300 ms, however soon the code is there. */
export function late<Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>) {
  let known: ComponentType<Props> | undefined;
  return function Late(props: Props) {
    const [Found, setFound] = useState(() => known);
    const [trouble, setTrouble] = useState<unknown>();
    useEffect(() => {
      if (known !== undefined) return;
      load().then((module) => {
        known = module.default;
        setFound(() => module.default);
      }, setTrouble);
    }, []);
    if (trouble !== undefined) throw trouble;
    return Found === undefined ? <Skeleton active /> : <Found {...props} />;
  };
}
