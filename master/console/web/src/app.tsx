import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { ConfigProvider, theme } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { useEffect, useMemo, useState } from "react";
import { newQueryClient } from "./api/query";
import { SetLook } from "./frame/setlook";
import { nonce } from "./nonce";
import { makeRouter } from "./router";
import { type Mode, ModeContext, firstMode, keepMode } from "./ui/look";
import { palettes } from "./ui/states";
import { type Lang, LangContext, firstLang, keepLang } from "./ui/words";

export function App() {
  const [lang, setLang] = useState<Lang>(firstLang);
  const [mode, setMode] = useState<Mode>(firstMode);
  const queries = useMemo(newQueryClient, []);
  const router = useMemo(() => makeRouter(queries), [queries]);

  useEffect(() => keepLang(lang), [lang]);
  useEffect(() => {
    keepMode(mode);
    document.documentElement.dataset.mode = mode;
    for (const [name, colour] of Object.entries(palettes[mode])) document.documentElement.style.setProperty(`--state-${name}`, colour);
  }, [mode]);

  return (
    <LangContext value={lang}>
      <ModeContext value={mode}>
        <SetLook value={{ setLang, setMode }}>
          <ConfigProvider csp={{ nonce }} button={{ autoInsertSpace: false }} locale={lang === "zh" ? zhCN : enUS} theme={themes[mode]}>
            <QueryClientProvider client={queries}>
              <RouterProvider router={router} />
            </QueryClientProvider>
          </ConfigProvider>
        </SetLook>
      </ModeContext>
    </LangContext>
  );
}

// Without it the style sheet would stop movements halfway, for who wants none.
const motion = !matchMedia("(prefers-reduced-motion: reduce)").matches;
const shared = { motion, fontSize: 13, fontFamily: "inherit", borderRadius: 6, controlHeight: 30, controlHeightSM: 24 };

const themes = {
  light: { algorithm: theme.defaultAlgorithm, token: { ...shared, colorPrimary: "#1B5FE0", colorError: "#CF2122", colorTextDescription: "#5B636B", colorTextTertiary: "#5B636B", colorTextPlaceholder: "#6A727A" } },
  dark: {
    algorithm: theme.darkAlgorithm,
    token: { ...shared, colorPrimary: "#5B8DFF", colorError: "#FF8A85", colorBgBase: "#0F1420", colorTextDescription: "#A6AEBB", colorTextTertiary: "#A6AEBB", colorTextPlaceholder: "#98A1AF" },
    components: { Button: { primaryColor: "#0B1020", dangerColor: "#1B0506" } },
  },
};
