import { parseIpv4Subnet } from '../core/ipv4.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';
import { type ConfigDocument, configDocument } from './document-builder/config-document.ts';
import type { MachineConfigRequest } from './machine-config-request.ts';
import { hasSince, type TalosContract } from './talos-contract.ts';

/** The machine's name, address, resolver, clock and the shared address, as documents: Talos 1.12 and newer. */
export function networkDocuments(contract: TalosContract, request: MachineConfigRequest): ConfigDocument[] {
  const { spec, machine, link } = request;
  const { gateway, nameservers, vip } = spec.network;
  return [
    // `auto` has to be off beside a name: Talos' default would be a conflict.
    configDocument(contract, 'HostnameConfig', { auto: 'off', hostname: machine.name }),
    // Without an address of its own Talos would ask DHCP there. A route without a destination is the default route.
    configDocument(contract, 'LinkConfig', {
      name: link,
      up: true,
      addresses: [{ address: machineAddress(spec, machine) }],
      ...(gateway === undefined ? {} : { routes: [{ gateway }] }),
    }),
    ...resolver(contract, nameservers),
    configDocument(contract, 'TimeSyncConfig', timeSync(spec)),
    ...(machine.role === 'controlplane' ? [configDocument(contract, 'Layer2VIPConfig', { name: vip, link })] : []),
  ];
}

/** The same in `machine.network` and `machine.time`: Talos 1.11, which has no documents for it. */
export function networkSections({ spec, machine, link }: MachineConfigRequest) {
  const { gateway, nameservers, timeServers, vip } = spec.network;
  return {
    network: {
      hostname: machine.name,
      interfaces: [
        {
          interface: link,
          addresses: [machineAddress(spec, machine)],
          ...(gateway === undefined ? {} : { routes: [{ network: '0.0.0.0/0', gateway }] }),
          ...(machine.role === 'controlplane' ? { vip: { ip: vip } } : {}),
        },
      ],
      ...(nameservers.length === 0 ? {} : { nameservers }),
    },
    time: timeServers.length === 0 ? { bootTimeout: bootWithoutTime } : { servers: timeServers },
  };
}

function resolver(contract: TalosContract, addresses: readonly string[]): ConfigDocument[] {
  const nameservers = addresses.map((address) => ({ address }));
  // Before 1.14 the resolver on the machine is one of the features of the main document.
  const hostDNS = hasSince(contract, 'v1.14') ? { enabled: true, forwardKubeDNSToHost: true } : undefined;
  if (nameservers.length === 0 && hostDNS === undefined) return [];
  return [
    configDocument(contract, 'ResolverConfig', {
      ...(nameservers.length === 0 ? {} : { nameservers }),
      ...(hostDNS === undefined ? {} : { hostDNS }),
    }),
  ];
}

/** Without time servers in the rack file Talos asks one in the internet; a rack without internet must still boot. */
const timeSync = ({ network: { timeServers } }: RackSpec) => ({
  enabled: true,
  ...(timeServers.length === 0 ? { bootTimeout: bootWithoutTime } : { ntp: { servers: timeServers } }),
});

const bootWithoutTime = '2m0s';

const machineAddress = ({ network }: RackSpec, { address }: MachineSpec) =>
  `${address}/${parseIpv4Subnet(network.subnet)?.prefixLength ?? 32}`;
