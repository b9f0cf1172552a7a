import { type BootFile, bootFilesFor, type DiskScript, noSuchFile, type Transport, type Ukis } from './boot-file.ts';
import type { Architecture } from './client-architecture.ts';
import { architectureNames } from './client-architecture.ts';
import type { BootClient } from './identify-client.ts';

/** The one way that a machine is to boot by, where its firmware has several. */
export type BootThrough = 'uefi-http' | 'uefi-tftp' | 'ipxe';

/** How an installed machine is sent to its disk: by a command of iPXE, or by a file that is not there. */
export type DiskThrough = DiskScript | 'not-found';

/** What the rest of the world wants of a machine that powers on; `machine` is its name in the rack file. */
export type BootIntent =
  | {
      readonly kind: 'boot';
      /** Without a name it is an admitted stranger. */
      readonly machine?: string;
      readonly through?: BootThrough;
      /** What Talos is to start with in maintenance mode, for a machine that boots through iPXE. */
      readonly config?: string;
    }
  /** In silence, unless `through` says otherwise. */
  | { readonly kind: 'local-disk'; readonly machine: string; readonly through?: DiskThrough }
  /** `isStranger`: it is held because nobody named it, and for no other reason. */
  | { readonly kind: 'hold'; readonly machine?: string; readonly reason: string; readonly isStranger?: true };

/** What we can give away. */
export interface BootOffers {
  readonly ukis: Ukis;
  /** Architectures whose UKI was looked into and has a kernel and an initrd, which is what iPXE is given. */
  readonly kernels?: readonly Architecture[];
  /** Names of the network loaders that were found. */
  readonly loaders?: readonly string[];
  /** Without a slash at its end: `http://10.0.0.2:8080`. The host is a literal address: firmware may have no DNS. */
  readonly httpOrigin: string;
}

export type BootDecision =
  | { readonly kind: 'uki-http'; readonly machine?: string; readonly file: BootFile; readonly url: string }
  | { readonly kind: 'uki-tftp'; readonly machine?: string; readonly file: BootFile }
  /** iPXE asks, and gets a script that names kernel, initrd and command line. */
  | { readonly kind: 'ipxe-script'; readonly machine?: string; readonly file: BootFile; readonly url: string }
  /** iPXE, which asks anew as itself. With a `url` over HTTP, else over TFTP. */
  | { readonly kind: 'network-loader'; readonly machine?: string; readonly file: BootFile; readonly url?: string }
  /** Silence: the firmware goes on to its next boot option, the disk; or what it is told to get there sooner. */
  | {
      readonly kind: 'local-disk';
      readonly machine: string;
      readonly told?: Advertisement & { readonly file?: BootFile };
    }
  /** Silence too, for a machine that somebody has to look at. */
  | { readonly kind: 'hold'; readonly machine?: string; readonly reason: string };

/** What a machine is to boot. Pure: DHCP, TFTP and HTTP ask it afresh for each packet and get the same answer. */
export function decideBoot(client: BootClient, intent: BootIntent, offers: BootOffers): BootDecision {
  if (intent.kind === 'hold') {
    const { machine, reason } = intent;
    return { kind: 'hold', ...named(machine), reason };
  }
  if (intent.kind === 'local-disk') return toDisk(client, intent, offers);
  const who = named(intent.machine);
  const hold = (reason: string): BootDecision => ({ kind: 'hold', ...who, reason });
  const rows = bootFilesFor(client).filter(({ source }) => source !== undefined);
  if (rows.length === 0) return hold(`there is no boot file for ${namesOf(client)}${wayOut(client, ': ')}`);
  const file = chooseRow(rows, intent.through);
  if (file === undefined) return hold(`boot.through is ${intent.through ?? 'auto'}, and it asks as ${asks(client)}`);
  const { source = 'amd64' } = file;
  if (offers.ukis[source] === undefined) return hold(`the rack file names no boot.uki.${source}`);
  const url = `${offers.httpOrigin}/${file.name}`;
  if (file.kind === 'uki') {
    return file.transport === 'http' ? { kind: 'uki-http', ...who, file, url } : { kind: 'uki-tftp', ...who, file };
  }
  if (!offers.kernels?.includes(source)) {
    return hold(`the UKI for ${source} has no kernel and initrd that iPXE could be given`);
  }
  if (file.kind === 'ipxe-script') return { kind: 'ipxe-script', ...who, file, url };
  if (!offers.loaders?.includes(file.name)) {
    return hold(
      `${namesOf(client)} needs iPXE (${file.name}), which was not found: install Debian’s package ipxe${wayOut(client, ', or ')}`,
    );
  }
  return { kind: 'network-loader', ...who, file, ...(file.transport === 'http' ? { url } : {}) };
}

/** The row of the way that is wanted; without a wish the one for iPXE, or the whole UKI, or what leads to it. */
function chooseRow(rows: readonly BootFile[], through: BootThrough | undefined): BootFile | undefined {
  const first = (...kinds: readonly string[]) => rows.find(({ kind }) => kinds.includes(kind));
  switch (through) {
    case undefined:
      return first('ipxe-script') ?? first('uki') ?? rows[0];
    case 'ipxe':
      return first('ipxe-script', 'network-loader');
    case 'uefi-http':
      return rows.find(({ kind, transport }) => kind === 'uki' && transport === 'http');
    case 'uefi-tftp':
      return rows.find(({ kind, transport }) => kind === 'uki' && transport === 'tftp');
  }
}

/** What needs iPXE and finds none is silence, as ever, and so is firmware that fetches nobody knows how. */
function toDisk(
  client: BootClient,
  { machine, through }: Extract<BootIntent, { kind: 'local-disk' }>,
  { httpOrigin, loaders = [] }: BootOffers,
): BootDecision {
  const decision = { kind: 'local-disk', machine } as const;
  const transport = transportOf(client);
  if (through === undefined || transport === undefined) return decision;
  const vendorClass = transport === 'http' && client.firmware !== 'ipxe' ? 'HTTPClient' : 'PXEClient';
  const tell = (name: string, file?: BootFile): BootDecision => ({
    ...decision,
    told: {
      bootFile: transport === 'http' ? `${httpOrigin}/${name}` : name,
      vendorClass,
      ...(file === undefined ? {} : { file }),
    },
  });
  if (through === 'not-found') return tell(noSuchFile);
  const rows = bootFilesFor(client);
  const file = rows.find(({ kind, name }) => kind === through || (kind === 'network-loader' && loaders.includes(name)));
  return file === undefined ? decision : tell(file.name, file);
}

/** How it fetches a file. U-Boot tells that by its architecture type alone; of what has no row nobody knows it. */
function transportOf(client: BootClient): Transport | undefined {
  switch (client.firmware) {
    case 'uefi-http':
    case 'bios-http':
    case 'ipxe':
      return 'http';
    case 'uefi-pxe':
    case 'bios-pxe':
      return 'tftp';
    default:
      return bootFilesFor(client)[0]?.transport;
  }
}

/** Whether this file is open to a machine with this decision: what it was told of, and what a script names. */
export function opens(decision: BootDecision, file: BootFile): boolean {
  if (decision.kind === 'hold') return false;
  if (decision.kind === 'local-disk') return decision.told?.file === file;
  if (decision.file === file) return true;
  const isPart = file.kind === 'linux' || file.kind === 'initrd';
  return decision.kind === 'ipxe-script' && isPart && file.source === decision.file.source;
}

/** What an offer says: the name or URL of the boot file, and the class of client that it is for (option 60). */
export interface Advertisement {
  readonly bootFile: string;
  readonly vendorClass: 'PXEClient' | 'HTTPClient';
}

/** `undefined` where silence is the answer. iPXE takes a URL from an offer for PXE clients, and from no other. */
export function advertisementOf(decision: BootDecision): Advertisement | undefined {
  switch (decision.kind) {
    case 'uki-http':
      return { bootFile: decision.url, vendorClass: 'HTTPClient' };
    case 'uki-tftp':
      return { bootFile: decision.file.name, vendorClass: 'PXEClient' };
    case 'ipxe-script':
      return { bootFile: decision.url, vendorClass: 'PXEClient' };
    case 'network-loader':
      return decision.url === undefined
        ? { bootFile: decision.file.name, vendorClass: 'PXEClient' }
        : { bootFile: decision.url, vendorClass: 'HTTPClient' };
    case 'local-disk':
      return decision.told;
    case 'hold':
      return undefined;
  }
}

/** What the machine was given, as a person would look for it: a URL or a file name; `undefined` for silence. */
export function offeredBy(decision: BootDecision): string | undefined {
  const bootFile = advertisementOf(decision)?.bootFile;
  return bootFile === undefined || bootFile.startsWith('http://') ? bootFile : `tftp:${bootFile}`;
}

/** A stranger may boot while the rack is open to strangers; whoever is held for a better reason stays held. */
export function admitStrangers(intent: BootIntent, isOpen: boolean): BootIntent {
  return isOpen && intent.kind === 'hold' && intent.isStranger ? { kind: 'boot' } : intent;
}

const named = (machine: string | undefined) => (machine === undefined ? {} : { machine });

const namesOf = ({ architectures }: BootClient) => architectureNames(architectures);

const asks = (client: BootClient) => (client.firmware === 'ipxe' ? 'iPXE' : namesOf(client));

const wayOut = ({ firmware }: BootClient, after: string) =>
  firmware === 'bios-pxe' || firmware === 'bios-http' ? `${after}set the machine to UEFI boot` : '';
