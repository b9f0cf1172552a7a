import type { JournalRecord } from '../core/journal.ts';

/** One record of the journal as a sentence; one of a later Rackwright as the JSON that it is. */
export function describeRecord(record: JournalRecord): string {
  switch (record.type) {
    case 'run.started':
      return `run of ${record.rack} begins: ${record.command}`;
    case 'run.ended':
      return `run ends: ${record.outcome}`;
    case 'plan.approved': {
      const disks = Object.entries(record.disks).map(([machine, disk]) => `${machine} ${disk}`);
      return `plan ${record.plan.slice(0, 12)} approved by ${record.by}; disks: ${disks.join(', ') || 'none'}`;
    }
    case 'step.started': {
      const memory = Object.entries(record.memory ?? {}).map(([key, value]) => `${key}=${value}`);
      return `${record.step} starts${memory.length === 0 ? '' : ` (${memory.join(' ')})`}`;
    }
    case 'step.confirmed':
      return `${record.step} is seen to be done`;
    case 'step.failed':
      return `${record.step} failed: ${record.fault.title}`;
    case 'step.permitted':
      return `${record.step} may start again: ${record.reason}`;
    case 'machine.netbooted':
      return `${record.machine} (${record.mac}) asks the network for a boot file although it is installed`;
    case 'machine.frozen':
      return `${record.machine} is frozen: ${record.reason}`;
    case 'machine.released':
      return `${record.machine} is released: ${record.reason}`;
    case 'machine.removed':
      return `${record.machine} was taken out of the cluster while it was silent`;
    case 'disk.kept':
      return `what lies on ${record.path} of ${record.machine} (${record.disk}) is kept: ${record.layout.map(({ on, format }) => `${format ?? 'unknown'} on ${on}`).join(', ')}`;
    case 'check.overridden':
      return `${record.machine === undefined ? '' : `${record.machine}: `}the check ${record.check} (${record.says}) counts for nothing: ${record.reason}`;
    case 'netboot.asked':
      return `${record.machine} is to boot Talos from the network once more`;
    case 'netboot.served':
      return `${record.machine} has fetched what it needs to boot from the network once more`;
    case 'journal.compacted':
      return `${record.replaces.entries} entries were replaced by the ${record.kept.length} that still count`;
    default:
      return JSON.stringify(record);
  }
}

/** The machine that a record is about, by its name in the rack file; several for an approval. */
export function machinesOf(record: JournalRecord): readonly string[] {
  if ('machine' in record) return [record.machine];
  if ('disks' in record) return Object.keys(record.disks);
  const [, machine] = 'step' in record ? record.step.split('/') : [];
  return machine === undefined ? [] : [machine];
}
