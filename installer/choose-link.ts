import { defineFault } from '../core/fault.ts';
import type { Link, TalosObservation } from '../core/machine.ts';
import type { LinkSelector, MachineSpec } from '../core/rack-spec.ts';

const noLink = defineFault<{ name: string; address: string }>('installer/no-link', {
  kind: 'operator',
  title: ({ name, address }) =>
    `Nobody can tell which network link of ${name} is to have its address: none carries ${address}`,
  state: ({ name }) => `Nothing was written on ${name}.`,
  remedy: ({ name }) => `Give ${name} the mac of that link in the rack file.`,
});

const linkUnclear = defineFault<{ name: string; where: string; why: string; links: readonly string[] }>(
  'installer/link-unclear',
  {
    kind: 'operator',
    exitCode: 4,
    title: ({ name, where, why, links }) =>
      `${where} of ${name} ${why}; its links are:${links.map((link) => `\n    ${link}`).join('')}`,
    state: ({ name }) => `Nothing was written on ${name}.`,
    remedy: () => 'Correct the selector in the rack file, plug the missing port in, and run the same command again.',
  },
);

/** Which of the links that a machine shows its config is about, by kernel name. */
export interface ChosenLinks {
  /** The one that gets the machine's address, when it has no bond. */
  readonly link: string;
  /** The ports of its bond. */
  readonly members?: readonly string[];
  /** Its further links, in the order of the rack file. */
  readonly ports?: readonly string[];
}

/**
 * The links of a machine by what the rack file says of them; never a guess. Faults `installer/no-link`, and
 * `installer/link-unclear` when a selector fits none, too many, or a link twice.
 */
export function chooseLinks(entry: MachineSpec, observation: TalosObservation): ChosenLinks {
  const { bond, links: further = [] } = entry.network ?? {};
  const physical = observation.links.filter(({ isPhysical }) => isPhysical);
  const refuse = (where: string, why: string) =>
    linkUnclear({ name: entry.name, where, why, links: physical.map(renderLink) });
  const taken = new Map<string, string>();
  const take = (where: string, link: Link) => {
    const other = taken.get(link.name);
    if (other !== undefined) throw refuse(where, `fits ${link.name}, which is ${other} already`);
    taken.set(link.name, where);
    return link.name;
  };

  const members = bond?.members.flatMap((selector, at) => {
    const where = `network.bond.members[${at}]`;
    const fitting = physical.filter((link) => fits(selector, link));
    if (fitting.length === 0) throw refuse(where, 'fits no link');
    if (selector.mac !== undefined && fitting.length > 1) throw refuse(where, `fits ${fitting.length} links`);
    // A port may be meant by its MAC address and by what it is.
    return fitting.filter(({ name }) => !taken.has(name)).map((link) => take(where, link));
  });
  if (bond?.count !== undefined && members?.length !== bond.count) {
    throw refuse('network.bond', `is of ${bond.count} ports, and ${members?.length ?? 0} fit`);
  }
  const link = bond === undefined ? chooseLink(entry, observation) : bond.name;
  const [carrier] = bond === undefined ? physical.filter(({ name }) => name === link) : [];
  if (carrier !== undefined) take('the link with its address', carrier);
  const ports = further.map((selector, at) => {
    const where = `network.links[${at}]`;
    const [port, ...more] = physical.filter((one) => fits(selector, one));
    if (port === undefined) throw refuse(where, 'fits no link');
    if (more.length > 0) throw refuse(where, `fits ${more.length + 1} links; allowed: exactly one`);
    return take(where, port);
  });
  return { link, ...(members === undefined ? {} : { members }), ...(ports.length === 0 ? {} : { ports }) };
}

/** Kernel name of the link that gets the machine's address: the one named by MAC, else the one it answers on now. */
function chooseLink(entry: MachineSpec, { links, addresses, address }: TalosObservation): string {
  const named = links.find((link) => link.isPhysical && link.mac === entry.mac);
  if (named !== undefined) return named.name;
  const carrier = addresses.find(({ cidr }) => cidr.split('/')[0] === address);
  const physical = links.find((link) => link.isPhysical && link.name === carrier?.link);
  if (physical === undefined) throw noLink({ name: entry.name, address });
  return physical.name;
}

/** What was not observed of a link does not fit. */
function fits({ mac, name, driver, minSpeedMbps }: LinkSelector, link: Link): boolean {
  return (
    (mac === undefined || link.mac === mac) &&
    (name === undefined || matches(name, link.name)) &&
    (driver === undefined || link.driver === driver) &&
    (minSpeedMbps === undefined || (link.speedMbit ?? 0) >= minSpeedMbps)
  );
}

/** `*` stands for any text. */
function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}

const renderLink = ({ name, mac, driver, speedMbit, isUp }: Link): string =>
  [name, mac, driver, speedMbit === undefined ? undefined : `${speedMbit} Mbit/s`, isUp ? 'up' : 'down']
    .filter((word) => word !== undefined)
    .join(' ');
