import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { type Api, api, body } from "../api/client";
import { commonWords } from "../ui/commonwords";
import { TroubleBox } from "../ui/trouble";
import { useWords } from "../ui/words";
import { words } from "./words";

/** How many tasks hang on one, and whose they are. */
export function Impact({ task }: { task: string }) {
  const t = useWords(words);
  const common = useWords(commonWords);
  const impact = useQuery({ queryKey: ["task", "impact", task], queryFn: ({ signal }) => body(api.GET("/api/v1/graph/impact", { params: { query: { task } }, signal })) });
  const i = impact.data;
  return (
    <section>
      <h3>{t("impact")}</h3>
      {impact.error && <TroubleBox trouble={impact.error} retry={() => void impact.refetch()} stillShown={i !== undefined} />}
      {impact.isPending && <Skeleton active title={false} paragraph={{ rows: 2 }} aria-label={common("loading")} />}
      {i && i.total === 0 && <p className="faint">{t("noImpact")}</p>}
      {i && i.total > 0 && (
        <>
          <p>{t("impactOf", { n: i.total, levels: i.levels })}</p>
          <Counts name={t("project")} counts={i.projects} />
          <Counts name={t("owner")} counts={i.owners} />
          <Counts name={t("period")} counts={i.periods} />
        </>
      )}
    </section>
  );
}

function Counts({ name, counts }: { name: string; counts: Api["ImpactCount"][] | null }) {
  return <p><span className="faint">{name}</span> {(counts ?? []).map((c) => `${c.name} ${c.tasks}`).join(" · ")}</p>;
}
