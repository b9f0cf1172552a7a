import { type NodeResource, resource } from './node-resource.ts';
import type { NodeView } from './talos-host.ts';

/** The loopback, the one network card, and a virtual link such as every Talos node has. */
export function linkResources(node: NodeView): NodeResource[] {
  const { machine } = node.host;
  const common = { linkIndex: 0, queueDisc: 'fq_codel', mtu: 1500, port: 'Other', duplex: 'Unknown' };
  const link = (name: string, index: number, more: object) =>
    resource('network', 'LinkStatuses.net.talos.dev', name, { index, ...common, ...more });
  const address = (linkName: string, linkIndex: number, cidr: string, scope: string) =>
    resource('network', 'AddressStatuses.net.talos.dev', `${linkName}/${cidr}`, {
      address: cidr,
      linkIndex,
      linkName,
      family: 'inet4',
      scope,
      flags: 'permanent',
      priority: 0,
    });
  /** Only what has a carrier knows its duplex. */
  const up = {
    duplex: 'Full',
    operationalState: 'up',
    linkState: true,
    flags: 'UP,BROADCAST,RUNNING,MULTICAST,LOWER_UP',
  };
  return [
    link('lo', 1, {
      type: 'loopback',
      hardwareAddr: '00:00:00:00:00:00',
      permanentAddr: '',
      broadcastAddr: '00:00:00:00:00:00',
      operationalState: 'unknown',
      linkState: true,
      kind: '',
      slaveKind: '',
    }),
    link(machine.link, 2, {
      type: 'ether',
      hardwareAddr: machine.mac,
      permanentAddr: machine.mac,
      broadcastAddr: 'ff:ff:ff:ff:ff:ff',
      ...up,
      kind: '',
      slaveKind: '',
      busPath: '0000:01:00.0',
      pciID: '8086:1572',
      driver: 'i40e',
      vendor: 'Intel Corporation',
      product: 'Ethernet Controller X710 for 10GbE SFP+',
      speedMbit: 10_000,
    }),
    link('dummy0', 3, {
      type: 'ether',
      hardwareAddr: 'b6:1f:00:00:00:01',
      permanentAddr: '00:00:00:00:00:00',
      broadcastAddr: 'ff:ff:ff:ff:ff:ff',
      operationalState: 'down',
      linkState: false,
      kind: 'dummy',
      slaveKind: '',
    }),
    address('lo', 1, '127.0.0.1/8', 'host'),
    ...node.cidrs.map((cidr) => address(machine.link, 2, cidr, 'global')),
  ];
}
