import { useQuery } from "@tanstack/react-query";
import { Alert, Skeleton } from "antd";
import type { ReactNode } from "react";
import { api, body } from "../api/client";
import { useMay, useMe } from "../frame/session";
import { useLang, useWords } from "../ui/words";
import { words } from "./words";

/** Who may do what, as the cluster says. */
export const usePermissions = () => useQuery({ queryKey: ["permission"], queryFn: ({ signal }) => body(api.GET("/api/v1/permissions", { signal })), staleTime: Infinity });

/** Shows what needs a permission, or says why it is not shown. */
export function Gate({ action, children }: { action: string; children: ReactNode }) {
  const may = useMay();
  return may(action) ? children : <Refused action={action} />;
}

function Refused({ action }: { action: string }) {
  const t = useWords(words);
  const lang = useLang();
  const me = useMe().data;
  const permissions = usePermissions();
  const permission = permissions.data?.items?.find((p) => p.action === action);
  const values = { action, role: me?.role ?? "", least: permission?.least ?? "", text: (lang === "zh" ? permission?.textZh : permission?.text) ?? action };
  if (permissions.isPending) return <Skeleton active title={false} paragraph={{ rows: 2 }} />;
  const sentence = me?.scopes?.length ? t("notAllowedToken", values) : t("notAllowedText", values);
  return <Alert type="info" showIcon title={t("notAllowed")} description={sentence} />;
}
