import { dhcpOption } from '../dhcp/dhcp-option.ts';
import type { BootClass } from './boot-class.ts';
import { bootFileOf, hexOf } from './option-text.ts';

/** For a file in /etc/dnsmasq.d. */
export function printDnsmasq(classes: readonly BootClass[]): string {
  const lines = [
    'dhcp-vendorclass=set:rackwright-pxe,PXEClient',
    'dhcp-vendorclass=set:rackwright-http,HTTPClient',
    'dhcp-userclass=set:rackwright-ipxe,iPXE',
    'dhcp-match=set:rackwright-ipxe,175',
  ];
  for (const one of classes) {
    const tags = [
      one.name,
      one.vendorClass === 'PXEClient' ? 'rackwright-pxe' : 'rackwright-http',
      `${one.isIpxe ? '' : '!'}rackwright-ipxe`,
    ]
      .map((tag) => `tag:${tag}`)
      .join(',');
    lines.push(
      '',
      `# ${one.title}`,
      ...one.architectures.map((type) => `dhcp-match=set:${one.name},option:client-arch,${type}`),
      `dhcp-boot=${tags},${bootFileOf(one)},${one.serverName},${one.nextServer}`,
      ...one.options
        .filter(([code]) => code !== dhcpOption.bootFileName)
        .map(
          ([code, value]) =>
            `dhcp-option-force=${tags},${code},${code === dhcpOption.vendorClass ? one.vendorClass : hexOf(value, ':')}`,
        ),
    );
  }
  return `${lines.join('\n')}\n`;
}
