import types from './resource-types.json' with { type: 'json' };
import { talosMinor } from './talos-release.ts';

/** Of each resource type of Talos: the first and the last minor that has it, and since which only an admin reads it. */
const known: Readonly<Record<string, readonly number[]>> = types;

/** Whether this Talos has the type. One that the simulation does not fill is served empty. */
export function isServed(type: string, version: string): boolean {
  const [first = Number.POSITIVE_INFINITY, last = 0] = known[type] ?? [];
  const minor = talosMinor(version);
  return minor >= first && minor <= last;
}

/** Whether only an admin may read it. What a Talos does not have is refused to everybody, and to others in these words. */
export function isSensitive(type: string, version: string): boolean {
  const since = known[type]?.[2] ?? 0;
  return since > 0 && talosMinor(version) >= since;
}
