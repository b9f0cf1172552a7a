import { defineFault } from '../core/fault.ts';
import type { Disk } from '../core/machine.ts';

const diskNotNameable = defineFault<{ machine: string; disk: string; why: string }>('talos/disk-not-nameable', {
  kind: 'operator',
  exitCode: 4,
  title: ({ machine, disk, why }) =>
    `${machine}: the disk ${disk} cannot be named so that Talos takes no other: ${why}`,
  state: () => 'No config was made, and nothing was written to any disk.',
  remedy: () => 'Choose a disk with a serial number or a WWID for this machine in the rack file.',
});

/** What Talos reads as a pattern, now or in a version to come. */
const patternCharacters = /[*?[\]{}\\]/;

/**
 * The selector by which Talos finds the disk at installation. Kernel names change between boots, so it is the serial
 * number and the WWID, both when there are both: Talos takes the first disk that fits, and serials are sold twice.
 * Fault `talos/disk-not-nameable`.
 */
export function installDiskSelector(
  disk: Pick<Disk, 'name' | 'serial' | 'wwid' | 'transport'>,
  machine: string,
): { serial?: string; wwid?: string } {
  const refuse = (why: string) => diskNotNameable({ machine, disk: disk.name, why });
  const { serial, wwid, transport } = disk;
  if (!serial && !wwid) throw refuse('it has neither a serial number nor a WWID');
  for (const name of [serial, wwid]) {
    if (name !== undefined && patternCharacters.test(name)) throw refuse(`${name} would be read as a pattern`);
  }
  // Talos adds this condition to every selector, so that it never takes a loop device or a device mapper.
  if (!transport) throw refuse('it has no transport, so Talos does not take it for a physical disk');
  return { ...(serial ? { serial } : {}), ...(wwid ? { wwid } : {}) };
}

/** The same choice in the Common Expression Language, as Talos 1.14 wants it; JSON's string literals are CEL's too. */
export const installDiskExpression = ({ serial, wwid }: ReturnType<typeof installDiskSelector>): string =>
  [
    'disk.transport != ""',
    ...(serial === undefined ? [] : [`disk.serial == ${JSON.stringify(serial)}`]),
    ...(wwid === undefined ? [] : [`disk.wwid == ${JSON.stringify(wwid)}`]),
  ].join(' && ');

const expressionForm =
  /^disk\.transport != ""(?: && disk\.serial == ("(?:[^"\\]|\\.)*"))?(?: && disk\.wwid == ("(?:[^"\\]|\\.)*"))?$/;

/** What an expression of `installDiskExpression` names; `undefined` for one of another form. */
export function parseInstallDiskExpression(expression: string): { serial?: string; wwid?: string } | undefined {
  const [whole, serial, wwid] = expressionForm.exec(expression) ?? [];
  if (whole === undefined) return undefined;
  return {
    ...(serial === undefined ? {} : { serial: JSON.parse(serial) as string }),
    ...(wwid === undefined ? {} : { wwid: JSON.parse(wwid) as string }),
  };
}
