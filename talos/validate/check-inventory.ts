import type { Disk, TalosObservation } from '../../core/machine.ts';
import { type ConfigDocument, nodeAt, textOf } from '../document/config-document.ts';
import { parseInstallDiskExpression } from '../install-disk-selector.ts';
import type { ConfigReader } from './config-reader.ts';

/** Refuses references to disks and links that this machine does not have, or has more than one of. */
export function checkInventory(
  document: ConfigReader,
  kind: string,
  machine: TalosObservation,
  { needsInstall, madeLinks }: { readonly needsInstall: boolean; readonly madeLinks: readonly string[] },
): void {
  const check = (path: string) => {
    const paths = path.endsWith('[]') ? document.below(path.slice(0, -2)).map((item) => item.path) : [path];
    for (const at of paths) checkLink(document, at, machine, madeLinks);
  };
  if (kind === '') {
    if (needsInstall) checkInstallDisk(document, machine.disks);
    for (const { path } of document.below('machine.network.interfaces')) {
      if (!legacyMakers.some((maker) => document.has(`${path}.${maker}`))) check(`${path}.interface`);
      for (const maker of legacyMakers) check(`${path}.${maker}.interfaces[]`);
    }
  } else if (kind === 'UnattendedInstallConfig') {
    if (needsInstall) checkInstallExpression(document, machine.disks);
  } else {
    for (const path of linkReferences[kind] ?? []) check(path);
  }
}

/** Sections by which an interface of the main document is a link that the config makes. */
const legacyMakers = ['bond', 'bridge', 'dummy', 'wireguard'];

/** Where a document names a link that has to be there already; a link that a document makes has its own name. */
const linkReferences: Readonly<Record<string, readonly string[]>> = {
  LinkConfig: ['name'],
  EthernetConfig: ['name'],
  BondConfig: ['links[]'],
  BridgeConfig: ['links[]'],
  VRFConfig: ['links[]'],
  VLANConfig: ['parent'],
  DHCPv4Config: ['name'],
  DHCPv6Config: ['name'],
  Layer2VIPConfig: ['link'],
};

const makers = [
  'BondConfig',
  'BridgeConfig',
  'DummyLinkConfig',
  'VLANConfig',
  'VRFConfig',
  'VethConfig',
  'WireguardConfig',
];

/** The names of links that these documents make, and the aliases that they give; `%d` in one stands for a number. */
export const madeLinksOf = (documents: readonly ConfigDocument[]): string[] =>
  documents.flatMap(({ kind, name, root }) => {
    if (kind === 'VethConfig') return [name, textOf(nodeAt(root, 'peer', 'name'))];
    return makers.includes(kind) || kind === 'LinkAliasConfig' ? [name] : [];
  });

function checkLink(
  document: ConfigReader,
  path: string,
  { links }: TalosObservation,
  madeLinks: readonly string[],
): void {
  const name = document.text(path);
  if (madeLinks.some((made) => made === name || made === name.replace(/\d+$/, '%d'))) return;
  // What is no kernel name of a physical link may be a link that somebody else makes.
  if (!/^(en|eth)[a-z0-9]+$/.test(name)) return;
  if (links.some((link) => link.name === name || link.altNames?.includes(name))) return;
  const there = links.filter(({ isPhysical }) => isPhysical).map((link) => link.name);
  document.refuse(path, `${name} is no link of this machine; it has ${there.join(', ') || 'none'}`);
}

function checkInstallDisk(main: ConfigReader, disks: readonly Disk[]): void {
  const selector = 'machine.install.diskSelector';
  const conditions = main.below(selector).filter(({ path }) => main.text(path) !== '');
  if (conditions.length > 0) {
    const matches = disks.filter((disk) => conditions.every(({ key, path }) => fits(disk, key, main.text(path))));
    judgeMatches(main, selector, matches, disks);
    return;
  }
  const path = main.text('machine.install.disk');
  // Links below /dev/disk are made on the machine and not observed.
  if (path === '' || path.startsWith('/dev/disk/')) return;
  const disk = disks.find((one) => one.path === path);
  if (disk === undefined) main.refuse('machine.install.disk', `is no disk of this machine; it has ${listOf(disks)}`);
  else if (disk.readOnly) main.refuse('machine.install.disk', `${disk.name} is read-only`);
}

/** An expression that somebody has written by hand is left to Talos. */
function checkInstallExpression(document: ConfigReader, disks: readonly Disk[]): void {
  const path = 'provisioning.diskSelector.match';
  const named = parseInstallDiskExpression(document.text(path));
  if (named === undefined) return;
  const { serial, wwid } = named;
  const matches = disks.filter(
    (disk) =>
      Boolean(disk.transport) &&
      (serial === undefined || disk.serial === serial) &&
      (wwid === undefined || disk.wwid === wwid),
  );
  judgeMatches(document, path, matches, disks);
}

function judgeMatches(reader: ConfigReader, path: string, matches: readonly Disk[], disks: readonly Disk[]): void {
  const [one, ...others] = matches;
  if (one === undefined) reader.refuse(path, `fits no disk of this machine; it has ${listOf(disks)}`);
  else if (others.length > 0) reader.refuse(path, `fits ${listOf(matches)}: Talos takes whichever comes first`);
  else if (one.readOnly) reader.refuse(path, `fits ${one.name}, which is read-only`);
}

const listOf = (disks: readonly Disk[]): string => disks.map(({ name }) => name).join(', ') || 'none';

/** What was not observed of a disk cannot rule it out. Talos never takes what has no transport. */
function fits(disk: Disk, key: string, wanted: string): boolean {
  if (!disk.transport) return false;
  switch (key) {
    case 'serial':
      return matches(wanted, disk.serial ?? '');
    case 'wwid':
      return matches(wanted, disk.wwid ?? '');
    case 'model':
      return matches(wanted, disk.model ?? '');
    case 'type':
      return isOfType(disk, wanted);
    case 'size':
      return fitsSize(disk.sizeBytes, wanted);
    default:
      return true;
  }
}

/** An SSD is whatever does not turn. */
function isOfType({ transport, rotational }: Disk, type: string): boolean {
  if (type === 'nvme') return transport === 'nvme';
  if (type === 'sd') return transport === 'mmc';
  return type === 'hdd' ? rotational : !rotational;
}

/** `*` stands for any text. */
const matches = (pattern: string, text: string): boolean => {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
};

const units: Readonly<Record<string, number>> = { '': 0, b: 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

function fitsSize(bytes: bigint, condition: string): boolean {
  const [, operator = '', number = '', unit = '', binary = ''] =
    /^\s*(>=|<=|>|<|==)?\s*([\d.]+)\s*([bkmgtp]?)(i?)b?\s*$/i.exec(condition) ?? [];
  const wanted = Number(number) * (binary === '' ? 1000 : 1024) ** (units[unit.toLowerCase()] ?? 0);
  const size = Number(bytes);
  if (operator === '>=') return size >= wanted;
  if (operator === '<=') return size <= wanted;
  if (operator === '>') return size > wanted;
  if (operator === '<') return size < wanted;
  return size === wanted;
}
