import type { Journal } from '../core/journal.ts';
import type { Disk } from '../core/machine.ts';
import type { DiskId } from './resolve-disk.ts';

/**
 * Keeps in the journal what lies where on a disk that is about to be written: partitions with their places, types and UUIDs,
 * what was on them with its UUID. For whoever finds out that it was the wrong disk (docs/runbooks/wrong-disk.md); an empty
 * disk is not noted.
 */
export async function keepDisk(
  journal: Pick<Journal, 'append'>,
  machine: string,
  { path, sizeBytes, layout = [] }: Disk,
  id: DiskId,
): Promise<void> {
  if (layout.length === 0) return;
  await journal.append({ type: 'disk.kept', machine, disk: id, path, sizeBytes: String(sizeBytes), layout });
}
