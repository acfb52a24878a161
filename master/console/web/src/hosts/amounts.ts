const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** An amount of bytes in its largest unit, as 21.8 GiB. */
export function bytes(n: number): string {
  let value = n;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ""}`;
}

/** How far a zone's clock is ahead of UTC at an instant. */
function ahead(instant: number, zone: string): number {
  const shown = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(instant);
  return Date.parse(`${shown.replace(" ", "T")}Z`) - Math.floor(instant / 1000) * 1000;
}

/** The instant at which a zone's clock shows a text such as 2015-05-17T10:05; NaN when it is no time. */
export function instantIn(text: string, zone: string): number {
  const asUtc = Date.parse(`${text}Z`);
  if (Number.isNaN(asUtc)) return asUtc;
  const guess = asUtc - ahead(asUtc, zone);
  return asUtc - ahead(guess, zone); // again, for the days on which clocks are set
}
