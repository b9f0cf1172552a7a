import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { sha256Hex } from '../core/journal.ts';
import { type Millis, minutes } from '../core/millis.ts';
import type { PlanView } from '../core/plan-view.ts';
import type { Override } from './checks/override.ts';
import type { PlanFacts } from './plan-facts.ts';
import { planEdited, planUnreadable, planVersionUnknown } from './plan-file-faults.ts';

const apiVersion = 'rackwright.dev/v1alpha1';
const kind = 'InstallPlan';

/** A plan kept for later: what would be done, and everything that it rests on. It holds no secret. */
export interface PlanFile {
  readonly apiVersion: typeof apiVersion;
  readonly kind: typeof kind;
  /** When it was made, ISO 8601. */
  readonly made: string;
  /** The rack file: its absolute path, and SHA-256 of its text and of the files that it names. */
  readonly rackFile: { readonly path: string; readonly sha256: string };
  readonly overrides: readonly Override[];
  readonly facts: PlanFacts;
  readonly plan: PlanView;
}

/** Older plans are still good, if no fact has changed; they are worth a second look. */
export const planAge: Millis = minutes(8 * 60);

const envelope = z.looseObject({ apiVersion: z.string(), kind: z.string() });
const content = z.strictObject({
  apiVersion: z.literal(apiVersion),
  kind: z.literal(kind),
  made: z.iso.datetime(),
  rackFile: z.strictObject({ path: z.string().min(1), sha256: z.string() }),
  overrides: z.array(z.strictObject({ check: z.string(), machine: z.string().optional(), reason: z.string() })),
  facts: z.record(z.string(), z.record(z.string(), z.string())),
  plan: z.looseObject({
    rack: z.string(),
    digest: z.string(),
    machines: z.array(z.looseObject({ name: z.string() })),
    steps: z.array(z.unknown()),
  }),
  digest: z.string(),
});

/** The text of a plan file, sealed by a digest over everything else in it: YAML for people, or JSON. */
export async function renderPlanFile(file: PlanFile, form: 'json' | 'yaml'): Promise<string> {
  const sealed = { ...file, digest: await digestOf(file) };
  return form === 'json' ? `${JSON.stringify(sealed, undefined, 2)}\n` : stringify(sealed);
}

/**
 * Reads a plan file in either form. Faults: `installer/plan-unreadable`, `installer/plan-version-unknown`,
 * `installer/plan-edited`.
 */
export async function parsePlanFile(path: string, text: string): Promise<PlanFile> {
  let read: unknown;
  try {
    read = parse(text);
  } catch {
    throw planUnreadable({ path, why: 'it is neither JSON nor YAML' });
  }
  const head = envelope.safeParse(read);
  if (!head.success) throw planUnreadable({ path, why: 'it has no apiVersion and kind' });
  if (head.data.kind !== kind) throw planUnreadable({ path, why: `it is a ${head.data.kind}, not an ${kind}` });
  if (head.data.apiVersion !== apiVersion)
    throw planVersionUnknown({ path, version: head.data.apiVersion, known: apiVersion });
  const parsed = content.safeParse(read);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw planUnreadable({ path, why: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}` });
  }
  const { digest, ...file } = read as PlanFile & { digest: string };
  if ((await digestOf(file)) !== digest) throw planEdited({ path });
  return file;
}

/** Of the content alone: the order of keys and the form of the file do not matter. */
const digestOf = (file: PlanFile): Promise<string> => Promise.resolve(sha256Hex(JSON.stringify(sorted(file))));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, sorted(one)]));
}
