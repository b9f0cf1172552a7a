import type { RackSpec } from '../core/rack-spec.ts';
import { configDocument, type PlainDocument } from './document-builder/config-document.ts';
import { legacyInterfaces } from './legacy-interfaces.ts';
import { linkDocuments } from './link-documents.ts';
import type { MachineConfigRequest } from './machine-config-request.ts';
import { planLinks } from './plan-links.ts';
import { mirrorDocuments } from './registry-mirrors.ts';
import { hasSince, type TalosContract } from './talos-contract.ts';

/** The machine's name, links, resolver, clock, mirrors and the shared address, as documents: Talos 1.12 and newer. */
export function networkDocuments(contract: TalosContract, request: MachineConfigRequest): PlainDocument[] {
  const { spec, machine } = request;
  const links = planLinks(request);
  return [
    // `auto` has to be off beside a name: Talos' default would be a conflict.
    configDocument(contract, 'HostnameConfig', { auto: 'off', hostname: machine.name }),
    ...links.flatMap((link) => linkDocuments(contract, link)),
    ...resolver(contract, spec.network.nameservers),
    configDocument(contract, 'TimeSyncConfig', timeSync(spec)),
    ...links.flatMap(({ name, vip }) =>
      vip === undefined ? [] : [configDocument(contract, 'Layer2VIPConfig', { name: vip, link: name })],
    ),
    ...mirrorDocuments(contract, spec),
  ];
}

/** The same in `machine.network` and `machine.time`: Talos 1.11, which has no documents for it. */
export function networkSections(request: MachineConfigRequest) {
  const { spec, machine } = request;
  const { nameservers, timeServers } = spec.network;
  return {
    network: {
      hostname: machine.name,
      interfaces: legacyInterfaces(planLinks(request)),
      ...(nameservers.length === 0 ? {} : { nameservers }),
    },
    time: timeServers.length === 0 ? { bootTimeout: bootWithoutTime } : { servers: timeServers },
  };
}

function resolver(contract: TalosContract, addresses: readonly string[]): PlainDocument[] {
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
