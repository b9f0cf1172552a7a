import { isHostOf, parseIpv4, parseIpv4Subnet, subnetContains, subnetsOverlap } from '../../core/ipv4.ts';
import type { RackSpec } from '../../core/rack-spec.ts';
import { resolveMachine } from '../resolve-machines.ts';
import { fail, pass, type RackCheck, type RackSubject, unknown } from './check.ts';
import { ownClockCheck } from './own-clock-check.ts';

/** What concerns the rack as a whole. */
export const rackChecks: readonly RackCheck[] = [
  {
    id: 'control-planes',
    title: 'an odd number of control planes',
    isOfFile: true,
    judge: ({ spec }) => {
      const count = controlPlanes(spec).length;
      const says = `${count} control plane${count === 1 ? '' : 's'}`;
      if (count % 2 === 1) return pass(`The rack has ${says}: ${(count - 1) / 2} may fail.`);
      return fail(`The rack has ${says}.`, 'An odd number keeps a majority with one machine less.');
    },
  },
  {
    id: 'failure-domains',
    title: 'control planes do not fail together',
    judge: ({ spec }) => {
      const members = controlPlanes(spec);
      if (members.length === 1) return pass('There is one control plane.');
      const unnamed = members.filter(({ failureDomain }) => failureDomain === undefined);
      const hint = 'Spread the control planes, and say in failureDomain where each is.';
      const most = (members.length - 1) / 2;
      for (const key of ['rack', 'pdu'] as const) {
        const places = members.flatMap(({ failureDomain }) => failureDomain?.[key] ?? []);
        const crowded = [...new Set(places)].find((place) => places.filter((one) => one === place).length > most);
        // In a single rack there is nothing to spread over.
        if (crowded !== undefined && domainsOf(spec, key).size > 1)
          return fail(`With ${key} ${crowded} a majority of the control planes is gone.`, hint);
      }
      if (unnamed.length > 0) return unknown(`Where ${names(unnamed)} stands is not said.`, hint);
      return pass('No one rack or power feed that is named twice takes a majority away, or there is only one.');
    },
  },
  {
    id: 'subnets',
    title: 'nodes, pods and services have addresses of their own',
    isOfFile: true,
    judge: ({ spec: { network, cluster, machines }, rack }) => {
      const named = [
        ['network.subnet', network.subnet],
        ['cluster.podSubnet', cluster.podSubnet],
        ['cluster.serviceSubnet', cluster.serviceSubnet],
      ] as const;
      const hint = 'Choose subnets apart from each other and from every network of the machines.';
      for (const [index, [path, text]] of named.entries())
        for (const [other, otherText] of named.slice(0, index))
          if (overlap(text, otherText)) return fail(`${path} ${text} overlaps ${other} ${otherText}.`, hint);
      for (const { name, address } of machines)
        for (const [path, text] of named.slice(1))
          if (contains(text, address)) return fail(`${address} of ${name} is in ${path} ${text}.`, hint);
      for (const { talos } of rack.machines.values())
        for (const { link, cidr } of talos?.addresses ?? [])
          for (const [path, text] of named.slice(1))
            if (talos?.mode === 'maintenance' && overlap(text, cidr) && !cidr.startsWith('127.'))
              return fail(`${cidr} on ${link} of ${talos.address} is in ${path} ${text}.`, hint);
      return pass(`${named.map(([, text]) => text).join(', ')} are apart.`);
    },
  },
  {
    id: 'vip',
    title: 'the shared address is free and in the subnet',
    judge: ({ spec, rack, probes: { vip } }) => {
      const { vip: address, subnet } = spec.network;
      const range = parseIpv4Subnet(subnet);
      const value = parseIpv4(address);
      if (range === undefined || value === undefined || !isHostOf(range, value))
        return fail(`${address} is no host of ${subnet}.`, 'Choose a free address of network.subnet.');
      const found = spec.machines.flatMap((entry) => {
        const resolution = resolveMachine(entry, spec, rack);
        return resolution.kind === 'found' ? [resolution.machine] : [];
      });
      const hint = `Find out who it is (its MAC address is in the table of a switch), or choose another network.vip.`;
      if (vip === undefined || vip.kind === 'unasked')
        return unknown(`Who has ${address} was not asked: ${vip?.why ?? 'not yet'}.`, hint);
      if (vip.kind === 'ourselves') return fail(`${address} is an address of this computer.`, hint);
      if (vip.kind === 'nobody') return pass(`Nobody answers for ${address}.`);
      const owner = found.find(({ macs }) => macs.includes(vip.mac));
      if (owner?.talos?.mode === 'configured') return pass(`${address} is with a control plane of this cluster.`);
      return fail(`${vip.mac} answers for ${address}.`, hint);
    },
  },
  ownClockCheck,
  {
    id: 'gateway',
    title: 'the router answers',
    judge: ({ spec: { network }, probes: { gateway } }) => {
      if (network.gateway === undefined)
        return unknown('The rack file names no gateway.', 'See the check default-route.');
      if (gateway === undefined || gateway.kind === 'unasked')
        return unknown(`${network.gateway} was not asked: ${gateway?.why ?? 'not yet'}.`, 'Try it from this network.');
      if (gateway.kind === 'ourselves') return pass(`${network.gateway} is this computer.`);
      if (gateway.kind === 'somebody') return pass(`${network.gateway} answers (${gateway.mac}).`);
      return fail(
        `Nobody answers for the gateway ${network.gateway}.`,
        'Correct network.gateway, or look at the router.',
      );
    },
  },
  {
    id: 'default-route',
    title: 'what machines need outside of their subnet has a way',
    judge: ({ spec: { network, machines } }) => {
      const range = parseIpv4Subnet(network.subnet);
      if (network.gateway !== undefined) return pass(`The way out is ${network.gateway}.`);
      const outside = [...network.nameservers, ...network.timeServers].filter((place) => {
        const value = parseIpv4(place);
        return range !== undefined && value !== undefined && !subnetContains(range, value);
      });
      if (machines.some((machine) => machine.network?.dhcp === true))
        return unknown('No gateway is named, and DHCP may tell one.', 'Make sure that the DHCP server gives a router.');
      if (outside.length > 0)
        return fail(`There is no way to ${outside.join(', ')}: no gateway is named.`, 'Name network.gateway.');
      return unknown(
        'No gateway is named: images and time have to come from inside of the subnet.',
        'Name network.gateway, or mirrors of the registries inside of the subnet.',
      );
    },
  },
  {
    id: 'dns',
    title: 'the name servers answer, and do not know what nobody has',
    judge: ({ spec: { network }, probes: { dns } }) => {
      if (network.nameservers.length === 0 || dns === undefined)
        return unknown(
          network.nameservers.length === 0 ? 'The rack file names no name server.' : 'The name servers were not asked.',
          'Name network.nameservers, or make sure that DHCP gives some.',
        );
      const said = network.nameservers.map((server) => [server, dns.answers.get(server)] as const);
      for (const [server, answer] of said) {
        if (answer === undefined) return unknown(`${server} was not asked.`, 'Run this again.');
        if (answer.kind === 'silent')
          return fail(`The name server ${server} does not answer.`, 'Correct network.nameservers, or start it.');
        if (answer.kind === 'wildcard')
          return fail(
            `${server} knows an address, ${answer.address}, for names that nobody has.`,
            'Take the wildcard record out of the search domain.',
          );
        if (answer.kind === 'knows-not')
          return fail(`${server} does not know ${dns.name}.`, 'Give it a forwarder, or name a mirror of the registry.');
      }
      return pass(`${network.nameservers.join(', ')} know ${dns.name}.`);
    },
  },
  {
    id: 'installer-image',
    title: 'the registry has the image that installs Talos',
    judge: ({ probes: { image } }) => {
      const hint =
        'Correct talos in the rack file, mirror the image, or make sure that the machines reach the registry.';
      if (image === undefined) return unknown('The registry was not asked.', hint);
      const { reference, answer } = image;
      if (answer.kind === 'missing') return fail(`The registry does not have ${reference}: ${answer.says}.`, hint);
      if (answer.kind === 'unasked')
        return unknown(`${reference} cannot be asked for from this computer: ${answer.why}.`, hint);
      return pass(`${reference} is there${answer.digest === undefined ? '' : ` as ${answer.digest}`}.`);
    },
  },
  {
    id: 'network-between',
    title: 'machines are in one network',
    judge: ({ spec, rack, probes: { roundTrips } }: RackSubject) => {
      if (spec.machines.length === 1) return pass('There is one machine.');
      const range = parseIpv4Subnet(spec.network.subnet);
      // One that will have its address in a VLAN of its port may boot in another network.
      const outside = spec.machines.flatMap((entry) => {
        const resolution = resolveMachine(entry, spec, rack);
        const address = resolution.kind === 'found' ? resolution.machine.talos?.address : undefined;
        const value = address === undefined ? undefined : parseIpv4(address);
        const isElsewhere = range !== undefined && value !== undefined && !subnetContains(range, value);
        return isElsewhere && entry.network?.vlan === undefined ? [`${entry.name} at ${address}`] : [];
      });
      const hint = 'Look at the switches and cables between them.';
      if (outside.length > 0)
        return fail(
          `${outside.join(', ')}: outside of ${spec.network.subnet}, where the addresses of all will be.`,
          'Look at the VLAN of their switch ports, or correct network.subnet.',
        );
      const longest = Math.max(0, ...(roundTrips?.values() ?? []));
      return unknown(
        `${roundTrips === undefined || roundTrips.size === 0 ? 'No machine was timed' : `All that were timed answer this computer within ${Math.ceil(longest)} ms`}; how they reach each other shows only once they run.`,
        hint,
      );
    },
  },
];

const controlPlanes = ({ machines }: RackSpec) => machines.filter(({ role }) => role === 'controlplane');
const names = (machines: readonly { readonly name: string }[]) => machines.map(({ name }) => name).join(', ');
const domainsOf = ({ machines }: RackSpec, key: 'rack' | 'pdu') =>
  new Set(machines.flatMap(({ failureDomain }) => failureDomain?.[key] ?? []));

function overlap(a: string, b: string): boolean {
  const [one, other] = [parseIpv4Subnet(a), parseIpv4Subnet(b)];
  return one !== undefined && other !== undefined && subnetsOverlap(one, other);
}

function contains(subnet: string, address: string): boolean {
  const [range, value] = [parseIpv4Subnet(subnet), parseIpv4(address)];
  return range !== undefined && value !== undefined && subnetContains(range, value);
}
