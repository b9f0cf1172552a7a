import type { Disk } from '../core/machine.ts';
import type { DiskSelector, DiskWish } from '../core/rack-spec.ts';

export type DiskResolution =
  | { readonly kind: 'one'; readonly disk: Disk; readonly id: DiskId }
  | { readonly kind: 'none'; readonly disks: readonly Disk[] }
  | { readonly kind: 'several'; readonly disks: readonly Disk[] }
  /** The one disk that fits has neither serial nor WWID that is its own, so nobody could approve it. */
  | { readonly kind: 'nameless'; readonly disk: Disk };

/** What an operator approves: `serial S5XENF0T` or `wwid eui.0025…`, unique within its machine. */
export type DiskId = string & { readonly __brand: 'DiskId' };

const gigabyte = 1_000_000_000;

/**
 * The one disk of a machine that a selector fits; never a guess between several, and never one that is for storage. Sizes
 * are in units of 10^9 bytes.
 */
export function resolveDisk(selector: DiskSelector, disks: readonly Disk[]): DiskResolution {
  const candidates = disks.filter((disk) => !disk.readOnly && disk.transport !== undefined);
  const { except = [] } = selector;
  const isForStorage = (disk: Disk) => except.some((wish) => fits(wish, disk));
  const fitting = candidates.filter((disk) => fits(selector, disk) && !isForStorage(disk));
  const [disk] = fitting;
  if (disk === undefined) return { kind: 'none', disks: candidates };
  if (fitting.length > 1) return { kind: 'several', disks: fitting };
  const id = idOf(disk, disks);
  return id === undefined ? { kind: 'nameless', disk } : { kind: 'one', disk, id };
}

/** The disks of a machine that no install writes, as its storage selectors name them now. */
export const storageDisks = (wishes: readonly DiskWish[], disks: readonly Disk[]): readonly Disk[] =>
  disks.filter((disk) => wishes.some((wish) => fits(wish, disk)));

/** The id of a disk among those of its machine; `undefined` when nothing tells it from the others. */
export function idOf(disk: Disk, disks: readonly Disk[]): DiskId | undefined {
  const others = disks.filter((other) => other.name !== disk.name);
  if (disk.serial !== undefined && others.every((other) => other.serial !== disk.serial)) {
    return `serial ${disk.serial}` as DiskId;
  }
  if (disk.wwid !== undefined && others.every((other) => other.wwid !== disk.wwid))
    return `wwid ${disk.wwid}` as DiskId;
  return undefined;
}

function fits(selector: DiskWish, disk: Disk): boolean {
  const { serial, wwid, model, transport, minSizeGB, maxSizeGB } = selector;
  return (
    (serial === undefined || disk.serial === serial) &&
    (wwid === undefined || disk.wwid === wwid) &&
    (model === undefined || disk.model === model) &&
    (transport === undefined || disk.transport === transport) &&
    (minSizeGB === undefined || disk.sizeBytes >= BigInt(Math.ceil(minSizeGB * gigabyte))) &&
    (maxSizeGB === undefined || disk.sizeBytes <= BigInt(Math.floor(maxSizeGB * gigabyte)))
  );
}

/** A disk in one line for people: `/dev/sda SAMSUNG MZQL2 960 GB serial S64FNE0R (gpt, ext4 on sda1)`. */
export function renderDisk(disk: Disk): string {
  const words = [
    disk.path,
    disk.model,
    `${Math.round(Number(disk.sizeBytes) / gigabyte)} GB`,
    disk.serial === undefined ? undefined : `serial ${disk.serial}`,
    disk.serial === undefined && disk.wwid !== undefined ? `wwid ${disk.wwid}` : undefined,
    disk.signatures.length === 0 ? '(nothing recognised)' : `(${disk.signatures.join(', ')})`,
  ];
  return words.filter((word) => word !== undefined).join(' ');
}
