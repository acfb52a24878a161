import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { useLang } from "../ui/words";

/** Templates of messages that are of no kind of alert. */
const general = new Set(["digest", "failure", "folded", "folded-cause", "moves", "other", "recovered", "test", "update"]);

/** The kinds of alerts that the masters have texts for, with their names in the language of the page. */
export function useKinds(): Map<string, string> {
  const lang = useLang();
  const { data } = useQuery({ queryKey: ["templates", "kinds", lang], queryFn: () => body(api.GET("/api/v1/alerts/templates", { params: { query: { lang } } })), staleTime: Infinity });
  const kinds = new Map<string, string>();
  for (const template of data?.items ?? []) {
    const kind = template.code.split(".")[0] ?? "";
    if (!general.has(kind)) kinds.set(kind, template.name);
  }
  return kinds;
}

/** The choices of a field for a kind, by the id of this list. */
export function KindChoices({ id }: { id: string }) {
  return (
    <datalist id={id}>
      {[...useKinds()].map(([kind, name]) => <option key={kind} value={kind} label={name} />)}
    </datalist>
  );
}

/** A kind by its code, with its name beside it where there is one. */
export function Kind({ kind }: { kind: string }) {
  const name = useKinds().get(kind);
  return <span title={name && kind} className="alerts-kind">{name ?? kind}</span>;
}
