import { noAddress } from '../dhcp/dhcp-packet.ts';
import { optionValue } from '../dhcp/option-table.ts';
import type { ServerAnswer } from './ask-servers.ts';

/** What matters of an answer, read once. */
export interface AnswerFacts {
  /** Option 54, or where the datagram came from. */
  readonly server: string;
  readonly hasServerIdentifier: boolean;
  /** Absent for a server that only adds a boot file. */
  readonly offeredAddress?: string;
  readonly bootFile?: string;
  readonly vendorClass?: 'PXEClient' | 'HTTPClient';
  /** PXE discovery control has bit 3: the boot file of this very answer is taken. */
  readonly skipsDiscovery: boolean;
}

export function readAnswer({ from, packet }: ServerAnswer): AnswerFacts {
  const { options, yiaddr } = packet;
  const server = optionValue(options, 'serverIdentifier');
  const named = optionValue(options, 'vendorClass') ?? '';
  const vendorClass = (['PXEClient', 'HTTPClient'] as const).find((name) => named.startsWith(name));
  const bootFile = optionValue(options, 'bootFileName') || packet.file;
  const control = optionValue(options, 'vendorSpecific')?.find(([code]) => code === 6)?.[1][0] ?? 0;
  return {
    server: server ?? from,
    hasServerIdentifier: server !== undefined,
    skipsDiscovery: (control & 8) !== 0,
    ...(yiaddr === noAddress ? {} : { offeredAddress: yiaddr }),
    ...(bootFile === '' ? {} : { bootFile }),
    ...(vendorClass === undefined ? {} : { vendorClass }),
  };
}

/**
 * What firmware that asked this way makes of the answer. EDK2 weighs offers in this order: an address with option 60 and
 * 43, an address beside a proxy with 43, an address with option 60 alone, an address beside a proxy with option 60
 * alone, an address with a file name (NetworkPkg/UefiPxeBcDxe).
 */
export function describeAnswer(answer: ServerAnswer): string {
  const { asker } = answer;
  const facts = readAnswer(answer);
  const isUefi = asker.architecture !== 0;
  if (isUefi && !facts.hasServerIdentifier) return 'UEFI drops it: it has no server identifier (option 54)';
  if (asker.transport === 'http') return describeForHttp(facts);
  if (facts.vendorClass !== 'PXEClient') {
    if (facts.offeredAddress === undefined) return 'nothing: it gives no address and is no proxy';
    if (facts.bootFile === undefined) return 'takes the address';
    return `takes the address, and boots ${facts.bootFile} where no proxy answers`;
  }
  if (facts.skipsDiscovery && facts.bootFile !== undefined) return `boots ${facts.bootFile}`;
  return `asks ${facts.server} on port 4011, and stops with PXE-E16 when nobody answers there`;
}

function describeForHttp({ vendorClass, bootFile, offeredAddress }: AnswerFacts): string {
  if (vendorClass === 'HTTPClient' && bootFile !== undefined) return `boots ${bootFile}`;
  return offeredAddress === undefined ? 'nothing: it is no HTTP boot offer' : 'takes the address';
}
