import type { BootClass } from './boot-class.ts';
import { architectureHex, hexOf } from './option-text.ts';

const ipxe =
  "(option[175].exists or substring(option[77].hex, 0, 4) == 'iPXE' or substring(option[77].hex, 1, 4) == 'iPXE')";

/** The client classes of kea-dhcp4.conf. */
export function printKea(classes: readonly BootClass[]): string {
  const clientClasses = classes.map((one) => ({
    name: one.name,
    'user-context': { comment: one.title },
    test: [
      `substring(option[60].hex, 0, ${one.vendorClass.length}) == '${one.vendorClass}'`,
      `(${one.architectures.map((type) => `substring(option[93].hex, 0, 2) == 0x${architectureHex(type)}`).join(' or ')})`,
      `${one.isIpxe ? '' : 'not '}${ipxe}`,
    ].join(' and '),
    'next-server': one.nextServer,
    'server-hostname': one.serverName,
    'boot-file-name': one.fileName,
    'option-data': one.options.map(([code, value]) => ({
      code,
      'csv-format': false,
      data: hexOf(value),
      'always-send': true,
    })),
  }));
  return `${JSON.stringify({ Dhcp4: { 'client-classes': clientClasses } }, undefined, 2)}\n`;
}
