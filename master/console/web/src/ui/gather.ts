/** A page of a list behind a cursor. */
export type PageOf<Row> = { items: Row[] | null; next?: string };

/** Reads a list page by page until it ends or there are as many rows as are wanted; `cut` says that there are more. */
export async function gather<Row>(read: (cursor: string | undefined) => Promise<PageOf<Row>>, most: number): Promise<{ rows: Row[]; cut: boolean }> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    rows.push(...(page.items ?? []));
    cursor = page.next || undefined;
  } while (cursor !== undefined && rows.length < most);
  return { rows: rows.slice(0, most), cut: cursor !== undefined || rows.length > most };
}
