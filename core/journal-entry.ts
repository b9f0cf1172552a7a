import { createHash } from 'node:crypto';
import type { FaultView } from './fault.ts';
import type { DiskVolume } from './machine.ts';
import type { Memory } from './step.ts';

/** What no machine can tell, and therefore the only thing that is kept. */
export type JournalRecord =
  | { readonly type: 'run.started'; readonly rack: string; readonly command: string }
  /** By machine: the disk to be written, and what was found on it. */
  | {
      readonly type: 'plan.approved';
      readonly plan: string;
      readonly by: string;
      readonly disks: Memory;
      readonly found: Memory;
      /** By machine, in words: which one it was and what it was to become. Absent in older journals. */
      readonly machines?: Memory;
      /** What the cluster was to be: see installer/check-settings.ts. */
      readonly settings: Memory;
    }
  | { readonly type: 'step.started'; readonly step: string; readonly memory?: Memory }
  | { readonly type: 'step.confirmed'; readonly step: string }
  | { readonly type: 'step.failed'; readonly step: string; readonly fault: FaultView }
  /** The operator allows a `once` step to start again, and says why. */
  | { readonly type: 'step.permitted'; readonly step: string; readonly reason: string }
  | { readonly type: 'run.ended'; readonly outcome: string }
  /** An installed machine asked the network for something to boot: one record a boot, see installer/boot-loop.ts. */
  | { readonly type: 'machine.netbooted'; readonly machine: string; readonly mac: string }
  /** It did so again and again, and gets no answer any more until an operator releases it. */
  | { readonly type: 'machine.frozen'; readonly machine: string; readonly reason: string }
  /** An operator gives it free: see installer/decide-release.ts. */
  | {
      readonly type: 'machine.released';
      readonly machine: string;
      readonly reason: string;
      /** Of the removed machine that is meant; none: the frozen one is. Absent in older journals: all of that name. */
      readonly macs?: readonly string[];
    }
  /** What lay where on a disk right before it was written: see installer/keep-disk.ts. */
  | {
      readonly type: 'disk.kept';
      readonly machine: string;
      readonly disk: string;
      readonly path: string;
      readonly sizeBytes: string;
      readonly layout: readonly DiskVolume[];
    }
  /** The cluster forgot it while it was silent: see installer/removed-machines.ts. */
  | { readonly type: 'machine.removed'; readonly machine: string; readonly macs: readonly string[] }
  /** The operator goes on although a check failed; `says` is what was observed. Absent machine: the whole rack. */
  | {
      readonly type: 'check.overridden';
      readonly check: string;
      readonly machine?: string;
      readonly says: string;
      readonly reason: string;
    }
  /** Stands in the place of older entries, of which it keeps those that still count. */
  | {
      readonly type: 'journal.compacted';
      readonly replaces: { readonly entries: number; readonly hash: string };
      readonly kept: readonly JournalEntry[];
    }
  /** The operator wants an installed machine to boot Talos from the network one more time: see pxe/netboot-once.ts. */
  | { readonly type: 'netboot.asked'; readonly machine: string }
  /** It has fetched all that it needs for that. */
  | { readonly type: 'netboot.served'; readonly machine: string };

export interface JournalEntry {
  readonly seq: number;
  readonly at: string;
  readonly record: JournalRecord;
  /** Hash of the entry before this one; 64 zeroes for the first. */
  readonly prev: string;
  /** Number of the writer: it grows with each that takes over. Absent where nobody else could write. */
  readonly fence?: number;
  readonly hash: string;
}

export const firstHash = '0'.repeat(64);

/** An entry with its hash, which covers everything else in it and through `prev` all entries before it. */
export function sealEntry(body: Omit<JournalEntry, 'hash'>): JournalEntry {
  return { ...body, hash: hashOf(body) };
}

/** The entry of one line, or in words why it is none. */
export function parseEntry(line: string): JournalEntry | string {
  let entry: JournalEntry | null;
  try {
    entry = JSON.parse(line) as JournalEntry | null;
  } catch {
    return 'it is not JSON';
  }
  if (typeof entry !== 'object' || entry === null || typeof entry.record !== 'object') return 'it is not an entry';
  return hashOf(entry) === entry.hash ? entry : 'its content does not match its hash';
}

function hashOf({ seq, at, record, prev, fence }: Omit<JournalEntry, 'hash'>): string {
  const text = JSON.stringify(fence === undefined ? [seq, at, record, prev] : [seq, at, record, prev, fence]);
  return createHash('sha256').update(text).digest('hex');
}
