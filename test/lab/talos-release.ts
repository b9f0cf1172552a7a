/** The minor of a Talos release: 13 of `v1.13.9`. A setting of each simulated machine, and what tells the releases apart. */
export const talosMinor = (version: string): number => Number(/^v1\.(\d+)/.exec(version)?.[1] ?? Number.NaN);

/** Whether this release is of that minor or a later one. */
export const isSince = (version: string, minor: number): boolean => talosMinor(version) >= minor;
