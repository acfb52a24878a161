const units = ["B", "KiB", "MiB", "GiB", "TiB"];

/** A size in its largest fitting unit, as 31.4 MiB. */
export function bytes(n: number): string {
  let size = n;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}
