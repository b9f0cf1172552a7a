import { checkOverlaps, checkPorts, checkSubnet, checkUniqueness } from './rack-spec/check-addresses.ts';
import { checkBoot } from './rack-spec/check-boot.ts';
import { checkBootWay } from './rack-spec/check-boot-way.ts';
import { checkClasses, checkControlPlane, checkNetworks, checkNodeSubnets } from './rack-spec/check-machines.ts';
import { checkVersions } from './rack-spec/check-versions.ts';
import type { Refuse } from './rack-spec/refuse.ts';
import { resolveClasses } from './rack-spec/resolve-classes.ts';
import { rackShape } from './rack-spec.ts';

export { renderPath } from './rack-spec/refuse.ts';

const checks = [
  checkVersions,
  checkSubnet,
  checkOverlaps,
  checkPorts,
  checkBoot,
  checkBootWay,
  checkUniqueness,
  checkClasses,
  checkControlPlane,
  checkNetworks,
  checkNodeSubnets,
];

/**
 * The rack file with what its keys say together (versions that fit, addresses in their subnet, nothing used twice), and
 * with what each class says put into its machines.
 */
export const rackSpecSchema = rackShape
  .superRefine((spec, context) => {
    const refuse: Refuse = (path, message) => {
      context.addIssue({ code: 'custom', path: [...path], message });
    };
    for (const check of checks) check(spec, refuse);
  })
  .transform(resolveClasses);
