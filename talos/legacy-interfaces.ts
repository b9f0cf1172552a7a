import type { PlannedLink } from './plan-links.ts';

/** The links as `machine.network.interfaces` of Talos 1.11 has them: each VLAN with the link that it is on. */
export const legacyInterfaces = (links: readonly PlannedLink[]) =>
  links
    .filter(({ vlan }) => vlan === undefined)
    .map((link) => {
      const vlans = links.filter(({ vlan }) => vlan?.parent === link.name);
      return {
        interface: link.name,
        ...addressing(link),
        ...(link.bond === undefined ? {} : { bond: bondSection(link.bond) }),
        ...(vlans.length === 0 ? {} : { vlans: vlans.map((one) => ({ vlanId: one.vlan?.id, ...addressing(one) })) }),
      };
    });

function addressing({ mtu, dhcp, addresses, routes, vip }: PlannedLink) {
  return {
    ...(mtu === undefined ? {} : { mtu }),
    ...(dhcp ? { dhcp: true } : {}),
    ...(addresses.length === 0 ? {} : { addresses: [...addresses] }),
    ...(routes.length === 0
      ? {}
      : { routes: routes.map(({ to, via }) => ({ network: to ?? '0.0.0.0/0', gateway: via })) }),
    ...(vip === undefined ? {} : { vip: { ip: vip } }),
  };
}

const bondSection = ({ ports, mode, miimonMs, lacpRate, hashPolicy }: NonNullable<PlannedLink['bond']>) => ({
  interfaces: [...ports],
  mode,
  miimon: miimonMs,
  ...(hashPolicy === undefined ? {} : { xmitHashPolicy: hashPolicy }),
  ...(mode === '802.3ad' ? { lacpRate: lacpRate ?? 'slow' } : {}),
});
