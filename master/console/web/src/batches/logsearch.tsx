import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Checkbox, Input } from "antd";
import { type Api, readTrouble } from "../api/client";
import { TroubleBox } from "../ui/trouble";
import { useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { partsOf } from "./logcolours";
import { words } from "./logwords";

type Props = { address: string; attempt: number; jump: (offset: number) => void };

/** Looks for a text in the whole log, at the worker that has it; what is looked for is part of the address. */
export function LogSearch({ address, attempt, jump }: Props) {
  const t = useWords(words);
  const [url, set] = useUrl();
  return (
    <>
      <div className="filters" role="search">
        <Input.Search key={url.q ?? ""} aria-label={t("search")} placeholder={t("search")} defaultValue={url.q} maxLength={200} allowClear style={{ width: 320 }} onSearch={(q) => set({ q: q || undefined })} />
        <Checkbox checked={url.case !== "true"} onChange={(e) => set({ case: e.target.checked ? undefined : "true" })}>{t("ignoreCase")}</Checkbox>
        <Checkbox checked={url.regexp === "true"} onChange={(e) => set({ regexp: e.target.checked ? "true" : undefined })}>{t("regexp")}</Checkbox>
      </div>
      {url.q && <Hits q={url.q} options={{ ignoreCase: url.case !== "true", regexp: url.regexp === "true" }} address={address} attempt={attempt} jump={jump} />}
    </>
  );
}

type Options = { ignoreCase: boolean; regexp: boolean };
const atOnce = 100;

function Hits({ q, options, address, attempt, jump }: Props & { q: string; options: Options }) {
  const t = useWords(words);
  const [url] = useUrl();
  const found = useInfiniteQuery({
    queryKey: ["logsearch", address, attempt, q, options],
    queryFn: ({ pageParam, signal }) => search(address, { attempt, q, from: pageParam, limit: atOnce, ...options }, signal),
    initialPageParam: 0,
    getNextPageParam: (page) => (page.complete ? undefined : page.next),
  });
  const hits = found.data?.pages.flatMap((p) => p.items ?? []) ?? [];
  return (
    <div className="batches-log-hits" role="region" aria-label={t("hits")}>
      {found.error !== null && <TroubleBox trouble={found.error} retry={() => void found.refetch()} stillShown={hits.length > 0} />}
      <p role="status" className="faint">
        {found.isFetching ? t("searching") : t(found.hasNextPage ? "hitsSoFar" : "hitsAll", { n: hits.length })}{" "}
        {found.hasNextPage && <Button size="small" onClick={() => void found.fetchNextPage()} loading={found.isFetchingNextPage}>{t("searchOn")}</Button>}
      </p>
      <ol>
        {hits.map((hit) => (
          <li key={hit.offset}>
            <button type="button" aria-current={url.at === String(hit.offset) || undefined} onClick={() => jump(hit.offset)}>
              {partsOf(hit.line).map((p) => p.text).join("")}
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}

async function search(address: string, query: Record<string, string | number | boolean>, signal: AbortSignal): Promise<Api["LogMatches"]> {
  const response = await fetch(`${address}/search?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))}`, { signal });
  if (!response.ok) throw await readTrouble(response);
  return (await response.json()) as Api["LogMatches"];
}
