import { z } from 'zod';
import type { Files } from '../../core/ports.ts';
import { lockBroken } from './asset-faults.ts';

/** What an asset was when it was fetched first. */
export interface LockedAsset {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** The factory that it came from. */
  readonly from: string;
}

/** `rackwright.lock`, beside the rack file and with it in git: the pinned assets by key. */
export type AssetLock = Readonly<Record<string, LockedAsset>>;

export const lockFileName = 'rackwright.lock';

/** Keys are places in the factory, `SCHEMATIC/VERSION/NAME`; they become names of files, so no step leads out. */
const assetKeySchema = z.string().regex(/^(?!.*(^|\/)\.)[\w.-]+\/[\w.-]+\/[\w.-]+$/);

const schema = z.strictObject({
  lockVersion: z.literal(1),
  assets: z.record(
    assetKeySchema,
    z.strictObject({
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      sizeBytes: z.int().positive(),
      from: z.string(),
    }),
  ),
});

/** Empty when there is no such file. Fault `pxe/lock-broken`. */
export async function readLock(files: Pick<Files, 'readText'>, path: string): Promise<AssetLock> {
  const text = await files.readText(path);
  return text === undefined ? {} : parseLock(text, path);
}

export function parseLock(text: string, path: string): AssetLock {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw lockBroken({ path, why: 'it is not JSON' }, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data.assets;
  const [issue] = parsed.error.issues;
  throw lockBroken({ path, why: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` });
}

/** Sorted, one asset a block: so that git shows what changed. */
export function renderLock(lock: AssetLock): string {
  const assets = Object.fromEntries(Object.entries(lock).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ lockVersion: 1, assets }, undefined, 2)}\n`;
}
