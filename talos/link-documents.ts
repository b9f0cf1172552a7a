import type { BondSpec } from '../core/rack-spec.ts';
import { configDocument, type PlainDocument } from './document-builder/config-document.ts';
import type { PlannedLink } from './plan-links.ts';
import type { TalosContract } from './talos-contract.ts';

/** A link as documents: Talos 1.12 and newer. */
export function linkDocuments(contract: TalosContract, link: PlannedLink): PlainDocument[] {
  const { name, mtu, addresses, routes, dhcp, bond, vlan } = link;
  const common = {
    name,
    up: true,
    ...(mtu === undefined ? {} : { mtu }),
    ...(addresses.length === 0 ? {} : { addresses: addresses.map((address) => ({ address })) }),
    // A route without a destination is the default route.
    ...(routes.length === 0
      ? {}
      : { routes: routes.map(({ to, via }) => ({ ...(to === undefined ? {} : { destination: to }), gateway: via })) }),
  };
  return [
    // Without a document of its own Talos would ask DHCP on a physical link.
    bond !== undefined
      ? configDocument(contract, 'BondConfig', { ...common, links: [...bond.ports], ...bondSettings(bond) })
      : vlan !== undefined
        ? configDocument(contract, 'VLANConfig', { ...common, vlanID: vlan.id, parent: vlan.parent })
        : configDocument(contract, 'LinkConfig', common),
    // The name of the machine is the rack file's, whatever the DHCP server calls it.
    ...(dhcp ? [configDocument(contract, 'DHCPv4Config', { name, ignoreHostname: true })] : []),
  ];
}

/** How long a port has to be up or down, in milliseconds, before the bond believes it. */
const settleMs = 200;

function bondSettings({ mode, miimonMs, lacpRate, hashPolicy }: BondSpec) {
  return {
    bondMode: mode,
    miimon: miimonMs,
    // Multiples of miimon, which 0 has none of.
    ...(miimonMs === 0 ? {} : { updelay: delayOf(miimonMs), downdelay: delayOf(miimonMs) }),
    ...(hashPolicy === undefined ? {} : { xmitHashPolicy: hashPolicy }),
    ...(mode === '802.3ad' ? lacp(lacpRate) : {}),
  };
}

/** What the kernel takes for LACP when nobody says anything, and Talos wants said; it refuses a priority of 0. */
const lacp = (lacpRate: BondSpec['lacpRate']) => ({ lacpRate: lacpRate ?? 'slow', adActorSysPrio: 65_535 });

const delayOf = (miimonMs: number) => Math.max(miimonMs, Math.floor(settleMs / miimonMs) * miimonMs);
