import { loaderNames } from '../ipxe/loader-names.ts';
import type { Finding } from './finding.ts';
import type { HostFacts, HostPort } from './host-facts.ts';

const mebibyte = 2 ** 20;
/** A Talos UKI is near 100 MiB; one of a few kilobytes is a page that says "not found". */
const smallestUkiBytes = 16 * mebibyte;
const wantedFreeBytes = 512 * mebibyte;
/** The beginning of 2026: no clock that was ever set shows a time before this program was written. */
const earliestMs = 1_767_225_600_000;

/** What stands in the way of serving boots on this host. */
export function judgeHost(facts: HostFacts): Finding[] {
  return [
    ...judgeInterface(facts.interface),
    ...facts.ports.map(judgePort),
    judgeFirewall(facts),
    ...facts.ukis.map(judgeUki),
    ...(facts.loaders === undefined ? [] : [judgeLoaders(facts.loaders)]),
    ...(facts.cache === undefined ? [] : [judgeCache(facts.cache)]),
    ...(facts.factory === undefined ? [] : [judgeFactory(facts.factory)]),
    judgeSpace(facts.freeBytes),
    judgeClock(facts),
  ];
}

function judgeInterface(link: HostFacts['interface']): Finding[] {
  const id = 'boot/interface';
  if (link === undefined) {
    return [
      {
        id,
        verdict: 'fail',
        says: 'There is no such interface',
        remedy: 'Name the one that leads to the machines: network.interface in the rack file, or --interface.',
      },
    ];
  }
  const { name, addresses, isWireless, carriesDefaultRoute } = link;
  const findings: Finding[] =
    addresses.length === 0
      ? [
          {
            id,
            verdict: 'fail',
            says: `${name} has no IPv4 address`,
            remedy: `Give ${name} an address and bring it up.`,
          },
        ]
      : [{ id, verdict: 'pass', says: `${name} has ${addresses.join(', ')}` }];
  findings.push(
    isWireless === true
      ? {
          id: 'boot/wireless',
          verdict: 'fail',
          says: `${name} is wireless: access points keep boot broadcasts from machines, and strangers hear them`,
          remedy: 'Serve boots on a wired interface.',
        }
      : {
          id: 'boot/wireless',
          verdict: isWireless === undefined ? 'unknown' : 'pass',
          says: `${name} ${isWireless === undefined ? 'may be wireless: that could not be read' : 'is wired'}`,
        },
    carriesDefaultRoute === true
      ? {
          id: 'boot/default-route',
          verdict: 'warn',
          says: `${name} leads to the world as well (default route): machines of others may be on it`,
          remedy: 'Serve boots on an interface that leads to the rack alone, or make sure that this network does.',
        }
      : {
          id: 'boot/default-route',
          verdict: carriesDefaultRoute === undefined ? 'unknown' : 'pass',
          says: carriesDefaultRoute === undefined ? 'The routes could not be read' : `${name} carries no default route`,
        },
  );
  return findings;
}

function judgePort({ protocol, port, service, holder }: HostPort): Finding {
  const id = `boot/port-${service}` as const;
  if (holder === undefined) return { id, verdict: 'pass', says: `${protocol} port ${port} is free for ${service}` };
  // A DHCP server for addresses on this very host can have the port beside us.
  const isShared = service === 'dhcp';
  return {
    id,
    verdict: isShared ? 'warn' : 'fail',
    says: `${holder} has ${protocol} port ${port}, which ${service} needs`,
    remedy: isShared
      ? 'It may stay when it gives addresses only; one that serves boots has to be stopped.'
      : `Stop ${holder}, or give ${service} another port under boot.ports.`,
  };
}

function judgeFirewall({ firewall, ports }: HostFacts): Finding {
  const id = 'boot/firewall';
  if (firewall === undefined) {
    return {
      id,
      verdict: 'unknown',
      says: 'The firewall rules of this host could not be read (nft)',
      remedy: 'Run this as root, with nft installed, or look for yourself.',
    };
  }
  if (firewall.dropping.length === 0) return { id, verdict: 'pass', says: 'No firewall chain drops what comes in' };
  const closed = ports.filter(({ port }) => !firewall.namedPorts.includes(port));
  const list = closed.map(({ protocol, port }) => `${protocol} ${port}`).join(', ');
  const chains = firewall.dropping.join(', ');
  if (closed.length === 0) {
    return { id, verdict: 'pass', says: `The firewall (${chains}) has rules for every port that boots need` };
  }
  return {
    id,
    verdict: 'fail',
    says: `The firewall (${chains}) drops what no rule lets in, and no rule names ${list}`,
    remedy: `Let ${list} in on the interface to the machines.`,
  };
}

function judgeUki({ architecture, path, sizeBytes }: HostFacts['ukis'][number]): Finding {
  const id = `boot/uki-${architecture}` as const;
  const remedy = `Put the Talos UKI for ${architecture} there (rackwright assets pull), or correct boot.uki.${architecture}.`;
  if (sizeBytes === undefined) return { id, verdict: 'fail', says: `There is no file ${path}`, remedy };
  if (sizeBytes < smallestUkiBytes) {
    return { id, verdict: 'fail', says: `${path} has ${sizeBytes} bytes, which is no Talos UKI`, remedy };
  }
  return { id, verdict: 'pass', says: `${path} has ${Math.round(sizeBytes / mebibyte)} MiB` };
}

function judgeCache({ wanted, missing }: NonNullable<HostFacts['cache']>): Finding {
  const id = 'boot/cache';
  if (missing.length === 0)
    return { id, verdict: 'pass', says: `All ${wanted} images of this rack are in the cache, as pinned` };
  return {
    id,
    verdict: 'fail',
    says: `Not in the cache: ${missing.join(', ')}`,
    remedy: 'Run rackwright assets pull, or rackwright assets import with a bundle.',
  };
}

/** The firmware of machines is not known here: what UEFI is sent through has to be there, BIOS machines there may be none. */
function judgeLoaders({ found, architectures, isWanted }: NonNullable<HostFacts['loaders']>): Finding {
  const id = 'boot/ipxe';
  const there = found.map(({ name }) => name);
  const missingFor = (firmware: 'bios' | 'uefi') =>
    loaderNames({ architectures, firmware }).filter((name) => !there.includes(name));
  const bios = missingFor('bios');
  const uefi = isWanted ? missingFor('uefi') : [];
  const remedy = 'Install Debian’s package ipxe, or name a directory with iPXE as boot.ipxe in the rack file.';
  if (uefi.length > 0) {
    const says = `The rack file sends machines through iPXE, and this was not found: ${[...uefi, ...bios].join(', ')}`;
    return { id, verdict: 'fail', says, remedy };
  }
  if (bios.length > 0) {
    const others = isWanted ? 'UEFI machines have theirs' : 'UEFI machines need none';
    const says = `${bios.join(', ')} (iPXE) was not found: BIOS machines cannot boot; ${others}`;
    return { id, verdict: 'warn', says, remedy };
  }
  const list = found.map(({ name, version, path }) => `${name} ${version ?? ''} (${path})`.replace('  ', ' '));
  if (list.length === 0) return { id, verdict: 'pass', says: 'No machine of this rack needs iPXE' };
  return { id, verdict: 'pass', says: `iPXE is there for machines that need it: ${list.join(', ')}` };
}

function judgeFactory({ origin, isNeeded, why }: NonNullable<HostFacts['factory']>): Finding {
  const id = 'boot/factory';
  if (!isNeeded)
    return { id, verdict: 'pass', says: `${origin} was not asked: all that the rack boots from is here already` };
  if (why === undefined) return { id, verdict: 'pass', says: `${origin} answers: what is missing can be fetched` };
  return {
    id,
    verdict: 'fail',
    says: `${origin} ${why}, and images of this rack are still to be fetched from it`,
    remedy:
      'Run rackwright assets pull where it is reachable, and assets export there and assets import here; or name a mirror as talos.factory.',
  };
}

function judgeSpace(freeBytes: number | undefined): Finding {
  const id = 'boot/disk-space';
  if (freeBytes === undefined) return { id, verdict: 'unknown', says: 'The free space could not be read' };
  const says = `${Math.round(freeBytes / mebibyte)} MiB are free for the journal and boot files`;
  if (freeBytes >= wantedFreeBytes) return { id, verdict: 'pass', says };
  return { id, verdict: 'fail', says, remedy: 'Make room: a journal that cannot be written stops an install.' };
}

function judgeClock({ now, isClockSynchronized }: HostFacts): Finding {
  const id = 'boot/clock';
  const says = `This host says ${now.toISOString().slice(0, 19)}Z`;
  const remedy = 'Set the clock (NTP): certificates are good from a time on, and machines refuse those of tomorrow.';
  if (now.getTime() < earliestMs) return { id, verdict: 'fail', says: `${says}, which is long ago`, remedy };
  if (isClockSynchronized === true) return { id, verdict: 'pass', says: `${says}, and its clock is synchronised` };
  if (isClockSynchronized === false) return { id, verdict: 'warn', says: `${says}, and nobody sets its clock`, remedy };
  return { id, verdict: 'unknown', says: `${says}; whether somebody sets its clock could not be read`, remedy };
}
