import type { BootClass } from './boot-class.ts';
import { architectureHex, hexOf } from './option-text.ts';

/**
 * Commands for RouterOS 7. Its matchers look at one option each, and the first that fits counts: so iPXE, which has the
 * architecture numbers of the others too, comes first, and iPXE of all processors is told the same.
 */
export function printRouteros(classes: readonly BootClass[]): string {
  const lines = [
    ':local server "dhcp1"; # the DHCP server of the provisioning network',
    `/ip dhcp-server network set [find] next-server=${classes[0]?.nextServer ?? ''}`,
  ];
  const sorted = classes.toSorted((a, b) => Number(b.isIpxe) - Number(a.isIpxe));
  for (const one of sorted) {
    const names = one.options.map(([code]) => `${one.name}-${code}`);
    lines.push(
      '',
      `# ${one.title}`,
      ...one.options.map(
        ([code, value]) => `/ip dhcp-server option add name=${one.name}-${code} code=${code} value=0x${hexOf(value)}`,
      ),
      `/ip dhcp-server option sets add name=${one.name} options=${names.join(',')}`,
      ...matchersOf(one).map(
        ({ suffix, code, value }) =>
          `/ip dhcp-server matcher add name=${one.name}${suffix} server=$server code=${code} matching-type=exact value=${value} option-set=${one.name}`,
      ),
    );
  }
  return `${lines.join('\n')}\n`;
}

function matchersOf({ isIpxe, architectures }: BootClass) {
  if (isIpxe) return [{ suffix: '', code: 77, value: `0x${hexOf(new TextEncoder().encode('iPXE'))}` }];
  return architectures.map((type) => ({ suffix: `-${type}`, code: 93, value: `0x${architectureHex(type)}` }));
}
