import type { Link } from '../../core/machine.ts';
import type { LinkSelector, MachineSpec } from '../../core/rack-spec.ts';
import { fail, type MachineCheck, notAnswering, pass, unknown } from './check.ts';

/** Slower than this, images and etcd crawl; a cable that fell back to 100 Mbit/s is mostly broken. */
const leastMbit = 1000;
export const usualMtu = 1500;

/** Whether the network ports that will carry the machine are fit for it. */
export const linkChecks: readonly MachineCheck[] = [
  {
    id: 'link-speed',
    title: 'the network ports are up and quick enough',
    judge: ({ entry, talos }) => {
      if (talos === undefined) return notAnswering(entry.name);
      const carrier = talos.addresses.find(({ cidr }) => cidr.split('/')[0] === talos.address)?.link;
      const used = talos.links.filter((link) => link.isPhysical && isUsed(entry, link, carrier));
      if (used.length === 0)
        return unknown('Which port will carry the address is not known.', `Give ${entry.name} a mac in the rack file.`);
      const down = used.filter(({ isUp }) => !isUp);
      const mend = 'Look at the cable, its other end, and the speed that the switch port is set to.';
      if (down.length > 0) return fail(`${namesOf(down)} has no link.`, mend);
      const mute = used.filter(({ speedMbit }) => speedMbit === undefined);
      if (mute.length > 0) return unknown(`${namesOf(mute)} is up and does not say its speed.`, mend);
      const slow = used.filter(({ speedMbit = 0 }) => speedMbit < leastMbit);
      const says = used.map(({ name, speedMbit = 0 }) => `${name} runs at ${speedMbit} Mbit/s`).join(', ');
      return slow.length === 0 ? pass(`${says}.`) : fail(`${says}; ${leastMbit} are needed.`, mend);
    },
  },
  {
    id: 'bond',
    title: 'the bond has its ports and its partner',
    judge: ({ entry, talos }) => {
      const bond = entry.network?.bond;
      if (bond === undefined) return pass('It has no bond.');
      if (talos === undefined) return notAnswering(entry.name);
      const physical = talos.links.filter(({ isPhysical }) => isPhysical);
      const members = physical.filter((link) => bond.members.some((wish) => fits(wish, link)));
      const lost = bond.members.filter((wish) => !physical.some((link) => fits(wish, link)));
      const hint = `Correct the members of ${bond.name} in the rack file, or look at the cables.`;
      if (lost.length > 0)
        return fail(
          `No port of ${entry.name} is ${lost.map((wish) => Object.values(wish).join(' ')).join(', ')}.`,
          hint,
        );
      if (bond.count !== undefined && members.length !== bond.count)
        return fail(`${bond.name} is to have ${bond.count} ports, and ${namesOf(members)} would be in it.`, hint);
      const down = members.filter(({ isUp }) => !isUp);
      if (down.length > 0) return fail(`${namesOf(down)} of ${bond.name} has no link.`, hint);
      const says = `${namesOf(members)} of ${bond.name} ${members.length === 1 ? 'is' : 'are'} up`;
      if (bond.mode !== '802.3ad') return pass(`${says}.`);
      const seen = talos.links.find((link) => link.bond?.mode === '802.3ad' && isOf(link, members));
      if (seen === undefined)
        return unknown(
          `${says}; whether the switch speaks LACP shows only with a bond, and it booted without one.`,
          `Look at the LACP group on the switch, or boot ${entry.name} with the kernel argument bond=${bond.name}:${members.map(({ name }) => name).join(',')}:mode=802.3ad.`,
        );
      // The kernel adds up the ports that LACP has put to use; without a partner that is one of them.
      const [used, whole] = [seen.speedMbit ?? 0, members.reduce((sum, { speedMbit = 0 }) => sum + speedMbit, 0)];
      const speeds = `${seen.name} of ${namesOf(members)} runs at ${used} of ${whole} Mbit/s`;
      if (seen.isUp && whole > 0 && used >= whole && members.length > 1)
        return pass(`${speeds}: LACP uses all of them.`);
      if (members.length === 1) return unknown(`${speeds}: with one port LACP cannot be told.`, hint);
      return fail(
        `${speeds}: LACP does not use all of them.`,
        'Make its switch ports one LACP group (and of one pair of switches that act as one).',
      );
    },
  },
  {
    id: 'mtu',
    title: 'all machines send packets of one size, and the ports carry it',
    judge: ({ spec, entry, talos, probes: { packets } }) => {
      const wanted = entry.network?.mtu ?? usualMtu;
      const others = spec.machines.filter((other) => (other.network?.mtu ?? usualMtu) !== wanted);
      if (others.length > 0)
        return fail(
          `${entry.name} is to use an MTU of ${wanted}, ${others.map(({ name }) => name).join(', ')} another.`,
          'Give all machines of one network the same mtu in the rack file.',
        );
      if (talos === undefined) return notAnswering(entry.name);
      const known = talos.links.filter(({ isPhysical, isUp, mtu }) => isPhysical && isUp && mtu !== undefined);
      const now = known.map(({ name, mtu }) => `${name} ${mtu}`).join(', ');
      const carries = now === '' ? 'what its ports carry is not told' : `its ports carry ${now} now`;
      if (packets === undefined || packets.kind === 'unasked')
        return unknown(
          `Whether packets of ${wanted} bytes get to it could not be tried: ${packets?.why ?? 'not yet'}; ${carries}.`,
          `Make sure that each switch on the way carries ${wanted}, for instance with ping -M do -s ${wanted - 28}.`,
        );
      if (packets.kind === 'lost')
        return fail(
          `A packet of ${packets.sizeBytes} bytes does not get from this computer to it, and a small one does; ${carries}.`,
          `Let each switch on the way carry ${wanted}, or give all machines a smaller mtu in the rack file.`,
        );
      if (packets.sizeBytes >= wanted)
        return pass(`A packet of ${packets.sizeBytes} bytes gets from this computer to it; ${carries}.`);
      return unknown(
        `A packet of ${packets.sizeBytes} bytes gets from this computer to it; ${wanted} could not be tried.`,
        `Give this computer's interface an MTU of ${wanted}, and let DHCP give it to the machine (option 26), to have it tried.`,
      );
    },
  },
];

/** The bond that the machine has now is of these ports and no others. */
const isOf = ({ bond }: Link, members: readonly Link[]): boolean =>
  bond?.ports.toSorted().join() ===
  members
    .map(({ name }) => name)
    .toSorted()
    .join();

const namesOf = (links: readonly Link[]): string => links.map(({ name }) => name).join(', ') || 'no port';

/** The ports of its bond, else the port named by MAC, else the one that it answers on now. */
function isUsed(entry: MachineSpec, link: Link, carrier: string | undefined): boolean {
  const bond = entry.network?.bond;
  if (bond !== undefined) return bond.members.some((wish) => fits(wish, link));
  return entry.mac === undefined ? link.name === carrier : link.mac === entry.mac;
}

function fits({ mac, name, driver, minSpeedMbps }: LinkSelector, link: Link): boolean {
  return (
    (mac === undefined || link.mac === mac) &&
    (name === undefined || isLike(name, link.name)) &&
    (driver === undefined || link.driver === driver) &&
    (minSpeedMbps === undefined || (link.speedMbit ?? 0) >= minSpeedMbps)
  );
}

/** `*` stands for any text. */
const isLike = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replaceAll(/[^\w]/g, '\\$&'))
      .join('.*')}$`,
  ).test(text);
