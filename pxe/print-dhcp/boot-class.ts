import { bootReply } from '../boot-reply.ts';
import { clientArchitecture } from '../client-architecture.ts';
import { type BootOffers, type BootThrough, decideBoot } from '../decide-boot.ts';
import { dhcpMessage, dhcpOption } from '../dhcp/dhcp-option.ts';
import { bootRequest, type DhcpPacket, noAddress } from '../dhcp/dhcp-packet.ts';
import { encodedOption, optionValue } from '../dhcp/option-table.ts';
import { identifyClient } from '../identify-client.ts';
import { bytesOfText } from '../wire-text.ts';

/** Machines that another DHCP server is to tell the same: who they are, and what they are told. */
export interface BootClass {
  /** Letters, digits and dashes: `rackwright-1`. */
  readonly name: string;
  /** For people: `x64 UEFI, x64 UEFI (EBC): talos-amd64.efi`. */
  readonly title: string;
  readonly vendorClass: 'PXEClient' | 'HTTPClient';
  /** Numbers of option 93. */
  readonly architectures: readonly number[];
  /** Only those that ask with iPXE, or only those that do not. */
  readonly isIpxe: boolean;
  /** siaddr, and the header fields `sname` and `file`. */
  readonly nextServer: string;
  readonly serverName: string;
  readonly fileName: string;
  /** Options 60, 43 where there is one, and 67: code and bytes. */
  readonly options: readonly (readonly [code: number, bytes: Uint8Array])[];
}

/** Numbers of the IANA registry, of which there are no more yet. */
const highestArchitecture = 41;

/**
 * What we would answer ourselves, for every kind of client that there can be: each is asked of the decision and the reply
 * of the boot service, and those with equal answers are one class.
 */
export function bootClasses(offers: BootOffers, serverAddress: string, through?: BootThrough): readonly BootClass[] {
  const classes = new Map<string, Omit<BootClass, 'name' | 'title'>>();
  for (let architecture = 0; architecture <= highestArchitecture; architecture += 1) {
    for (const isIpxe of [false, true]) {
      for (const vendorClass of ['PXEClient', 'HTTPClient'] as const) {
        const reply = replyFor(discoverOf({ architecture, isIpxe, vendorClass }), { offers, serverAddress, through });
        if (reply === undefined || optionValue(reply.options, 'vendorClass') !== vendorClass) continue;
        const key = `${vendorClass} ${isIpxe} ${optionValue(reply.options, 'bootFileName') ?? ''}`;
        const known = classes.get(key);
        classes.set(key, {
          vendorClass,
          isIpxe,
          architectures: [...(known?.architectures ?? []), architecture],
          nextServer: reply.siaddr,
          serverName: reply.sname,
          fileName: reply.file,
          options: toldOptions.flatMap((code) => {
            const value = reply.options.get(code);
            return value === undefined ? [] : [[code, value] as const];
          }),
        });
      }
    }
  }
  return [...classes.values()].map((one, index) => ({
    ...one,
    name: `rackwright-${index + 1}`,
    title: `${one.architectures.map((type) => clientArchitecture(type).name).join(', ')}${one.isIpxe ? ', iPXE' : ''}: ${one.fileName}`,
  }));
}

/** Option 175 is not among them: it only matters where two servers answer. */
const toldOptions = [dhcpOption.vendorClass, dhcpOption.vendorSpecific, dhcpOption.bootFileName];

function replyFor(
  request: DhcpPacket,
  of: { readonly offers: BootOffers; readonly serverAddress: string; readonly through: BootThrough | undefined },
): DhcpPacket | undefined {
  const { offers, serverAddress, through } = of;
  const identified = identifyClient(request, 'dhcp');
  if (identified.kind !== 'client') return undefined;
  const decision = decideBoot(identified.client, { kind: 'boot', ...(through && { through }) }, offers);
  return bootReply(request, 'dhcp', decision, serverAddress);
}

/** A DISCOVER with all that decides about its answer. */
export function discoverOf(asker: {
  readonly architecture: number;
  readonly isIpxe: boolean;
  readonly vendorClass: 'PXEClient' | 'HTTPClient';
}): DhcpPacket {
  const type = String(asker.architecture).padStart(5, '0');
  return {
    op: bootRequest,
    htype: 1,
    hops: 0,
    xid: 1,
    secs: 0,
    flags: 0x8000,
    ciaddr: noAddress,
    yiaddr: noAddress,
    siaddr: noAddress,
    giaddr: noAddress,
    chaddr: Uint8Array.of(2, 0, 0, 0, asker.isIpxe ? 1 : 0, asker.architecture),
    sname: '',
    file: '',
    options: new Map([
      encodedOption('messageType', dhcpMessage.discover),
      encodedOption('maximumMessageSize', 1472),
      encodedOption('parameterRequestList', Uint8Array.of(1, 3, 6, 43, 54, 60, 66, 67, 97)),
      ...(asker.isIpxe ? [encodedOption('userClass', bytesOfText('iPXE'))] : []),
      encodedOption('clientArchitecture', [asker.architecture]),
      encodedOption('vendorClass', `${asker.vendorClass}:Arch:${type}:UNDI:003016`),
    ]),
  };
}
