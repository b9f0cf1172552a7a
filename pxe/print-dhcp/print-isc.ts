import { dhcpOption } from '../dhcp/dhcp-option.ts';
import type { BootClass } from './boot-class.ts';
import { architectureHex, bootFileOf, hexOf } from './option-text.ts';

const ipxe =
  '(exists rackwright-ipxe or substring(option user-class, 0, 4) = "iPXE" or substring(option user-class, 1, 4) = "iPXE")';

/** For dhcpd.conf of ISC dhcpd 4.4, outside of any subnet. */
export function printIsc(classes: readonly BootClass[]): string {
  const lines = ['option rackwright-architecture code 93 = string;', 'option rackwright-ipxe code 175 = string;'];
  for (const one of classes) {
    const isOne = one.architectures
      .map((type) => `substring(option rackwright-architecture, 0, 2) = ${architectureHex(type).replace(/^../, '$&:')}`)
      .join(' or ');
    lines.push(
      '',
      `# ${one.title}`,
      `class "${one.name}" {`,
      `  match if substring(option vendor-class-identifier, 0, ${one.vendorClass.length}) = "${one.vendorClass}"`,
      `    and (${isOne})`,
      `    and ${one.isIpxe ? ipxe : `not ${ipxe}`};`,
      `  next-server ${one.nextServer};`,
      `  server-name "${one.serverName}";`,
      `  filename "${one.fileName}";`,
      ...one.options.map(([code, value]) => `  ${statement(code, value, one)}`),
      '}',
    );
  }
  return `${lines.join('\n')}\n`;
}

function statement(code: number, value: Uint8Array, one: BootClass): string {
  if (code === dhcpOption.vendorClass) return `option vendor-class-identifier "${one.vendorClass}";`;
  if (code === dhcpOption.bootFileName) return `option bootfile-name "${bootFileOf(one)}";`;
  return `option vendor-encapsulated-options ${hexOf(value, ':')};`;
}
