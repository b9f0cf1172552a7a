import type { RackFileSpec } from '../rack-spec.ts';
import type { Refuse } from './refuse.ts';

/** A way to boot that this mode of DHCP cannot lead anybody on is refused, instead of found out in front of the rack. */
export function checkBootWay({ boot, classes = {}, machines }: RackFileSpec, refuse: Refuse): void {
  const { dhcp } = boot;
  const own = [
    ...Object.entries(classes).map(([name, one]) => ({ path: ['classes', name, 'boot'], way: one.boot })),
    ...machines.map((one, index) => ({ path: ['machines', index, 'boot'], way: one.boot })),
  ];
  const configs = [
    { path: ['boot'], config: boot.maintenanceConfig },
    ...Object.entries(classes).map(([name, one]) => ({ path: ['classes', name], config: one.maintenanceConfig })),
    ...machines.map((one, index) => ({ path: ['machines', index], config: one.maintenanceConfig })),
  ];
  for (const { path, config } of configs) {
    if (dhcp === 'firmware' && config !== undefined && config.length > 0)
      refuse(
        [...path, 'maintenanceConfig'],
        'is for machines that boot through iPXE, which gets no address with boot.dhcp: firmware; allowed: none',
      );
  }
  for (const { path, way } of [{ path: ['boot'], way: boot }, ...own]) {
    if (dhcp === 'firmware' && way?.through === 'ipxe')
      refuse(
        [...path, 'through'],
        'is ipxe, which gets no address with boot.dhcp: firmware; allowed: auto, uefi-http, uefi-tftp',
      );
    if (dhcp === 'off' && way?.localDisk !== undefined && way.localDisk !== 'silence')
      refuse([...path, 'localDisk'], 'needs our replies, and boot.dhcp is off; allowed: silence');
  }
  if (dhcp !== 'off') return;
  for (const { path, way } of own) {
    if (way?.through !== undefined && way.through !== boot.through)
      refuse(
        [...path, 'through'],
        `is ${way.through}, and with boot.dhcp: off another server says one thing to all; allowed: ${boot.through}`,
      );
  }
}
