const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A size as disk labels have it, in powers of 1000 and to three digits: `480 GB`, `1.92 TB`. */
export function renderBytes(bytes: number): string {
  const power = Math.min(units.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : Number(value.toPrecision(3))} ${units[power] ?? ''}`;
}
