import { addressChecks } from './address-checks.ts';
import type { MachineCheck, RackCheck } from './check.ts';
import { diskChecks } from './disk-checks.ts';
import { hardwareChecks } from './hardware-checks.ts';
import { identityChecks } from './identity-checks.ts';
import { imageChecks } from './image-checks.ts';
import { linkChecks } from './link-checks.ts';
import { rackChecks } from './rack-checks.ts';

/** Every check of a machine, in the order in which they are shown. Ids never change once shipped. */
export const machineChecks: readonly MachineCheck[] = [
  ...identityChecks,
  ...hardwareChecks,
  ...imageChecks,
  ...diskChecks,
  ...linkChecks,
  ...addressChecks,
];

/** Every check before the first write, by its id. */
export const catalog: ReadonlyMap<string, MachineCheck | RackCheck> = new Map(
  [...rackChecks, ...machineChecks].map((check) => [check.id, check]),
);
