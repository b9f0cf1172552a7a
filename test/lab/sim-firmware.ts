import { millis } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';
import { type DhcpMessage, type DhcpOption, ipv4Bytes, readDhcp, writeDhcp } from './dhcp-wire.ts';
import { downloadByHttp } from './firmware-http.ts';
import { downloadByTftp } from './firmware-tftp.ts';
import { Inbox } from './inbox.ts';
import { judgeOffer, type Offer } from './judge-offer.ts';
import type { LanPort } from './lan-relay.ts';
import { pace } from './pace.ts';
import type { MachineScenario } from './scenario.ts';
import type { SeededRandom } from './seeded-random.ts';
import { stillOnAfter } from './still-on.ts';

export interface FirmwareWorld {
  readonly machine: MachineScenario;
  readonly clock: Clock;
  /** For waits on the boot server, which lives at its own pace. */
  readonly patientClock: Clock;
  readonly random: SeededRandom;
  readonly signal: AbortSignal;
  /** Plugs the cable in; DHCP replies go to the given function. */
  plug(onDhcp: (message: DhcpMessage, sizeBytes: number) => void): Promise<LanPort>;
}

interface Reply {
  readonly message: DhcpMessage;
  readonly sizeBytes: number;
}

/**
 * UEFI's network boot, once: DISCOVER until somebody offers a file, REQUEST of the address, the file. True when the
 * whole file arrived; false when firmware goes on to its next boot option, the local disk.
 */
export async function bootFromNetwork(world: FirmwareWorld): Promise<boolean> {
  const { clock, patientClock, signal, machine } = world;
  const replies = new Inbox<Reply>(patientClock, signal);
  const lan = await world.plug((message, sizeBytes) => replies.put({ message, sizeBytes }));

  try {
    const chosen = await discover();
    if (chosen === undefined || !(await requestAddress(chosen.address, chosen.server))) return false;
    const { address: localAddress } = chosen;
    const boot = chosen.boot.kind === 'ask-4011' ? await askBootServer(localAddress, chosen.boot.server) : chosen.boot;
    if (boot?.kind === 'url') {
      return (await downloadByHttp({ url: boot.url, localAddress, clock: patientClock, signal })) !== undefined;
    }
    if (boot?.kind !== 'file') return false;
    return (
      (await downloadByTftp({
        lan,
        localAddress,
        clock: patientClock,
        server: boot.server,
        file: boot.file,
        signal,
      })) !== undefined
    );
  } finally {
    await lan.close();
  }

  async function discover() {
    for (const wait of pace.discoverBackoff) {
      const begun = clock.monotonic();
      const xid = newXid();
      lan.broadcast(ask(xid, 1, []));
      const heard = await replies.collect(pace.offerWindow, () => false);
      const offers = heard.map((reply) => judge(reply, xid, 2));
      const lease = offers.find((offer) => offer.kind === 'address');
      const boot =
        offers.find((offer) => offer.kind === 'file' || offer.kind === 'url') ??
        offers.find((offer) => offer.kind === 'ask-4011' || offer.kind === 'cancelled') ??
        lease?.boot;
      if (boot?.kind === 'cancelled') return undefined;
      if (lease !== undefined && boot !== undefined) return { address: lease.address, server: lease.server, boot };
      const rest = millis(Math.max(0, begun + wait - clock.monotonic()));
      if (!(await stillOnAfter(rest, clock, signal))) return undefined;
    }
    return undefined;
  }

  async function requestAddress(address: string, server: string): Promise<boolean> {
    const xid = newXid();
    for (const wait of pace.requestBackoff) {
      lan.broadcast(
        ask(xid, 3, [
          [50, ipv4Bytes(address)],
          [54, ipv4Bytes(server)],
        ]),
      );
      const isAck = (reply: Reply) => {
        const judged = judge(reply, xid, 5);
        return judged.kind === 'address' && judged.server === server;
      };
      if ((await replies.collect(wait, isAck)).some(isAck)) return true;
    }
    return false;
  }

  /** The two-step form of PXE 2.1: the boot server answers a REQUEST on port 4011, from which EDK2 also sends. */
  async function askBootServer(address: string, server: string): Promise<Offer | undefined> {
    const socket = await lan.openSocket({ address, port: 4011 }, (bytes) => {
      const message = readDhcp(bytes);
      if (message !== undefined) replies.put({ message, sizeBytes: bytes.length });
    });
    try {
      const xid = newXid();
      for (const wait of pace.requestBackoff) {
        socket.send(writeDhcp({ ...ask(xid, 3, []), ciaddr: address }), { address: server, port: 4011 });
        const isFile = (reply: Reply) => judge(reply, xid, 5).kind === 'file';
        const found = (await replies.collect(wait, isFile)).find(isFile);
        if (found !== undefined) return judge(found, xid, 5);
      }
      return undefined;
    } finally {
      await socket.close();
    }
  }

  function newXid(): number {
    return new DataView(world.random.bytes(4).buffer).getUint32(0);
  }

  function judge({ message, sizeBytes }: Reply, xid: number, expected: 2 | 5): Offer {
    return judgeOffer(message, { xid, mac: machine.mac, sizeBytes, expected }, machine.firmware.transport);
  }

  function ask(xid: number, type: number, more: readonly DhcpOption[]): DhcpMessage {
    return {
      op: 1,
      hops: 0,
      xid,
      flags: 0x8000,
      ciaddr: '0.0.0.0',
      yiaddr: '0.0.0.0',
      siaddr: '0.0.0.0',
      giaddr: '0.0.0.0',
      mac: machine.mac,
      file: '',
      options: [[53, Uint8Array.of(type)], ...more, ...firmwareOptions(machine, type)],
    };
  }
}

/** The options that OVMF sends beside the message type; its REQUEST carries option 57 with the bytes swapped. */
function firmwareOptions({ firmware, uuid, mac }: MachineScenario, type: number): readonly DhcpOption[] {
  const wanted =
    firmware.transport === 'http'
      ? [1, 3, 6, 12, 15, 43, 60, 67, 97]
      : [1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60, 66, 67, 97];
  const architecture = String(firmware.architecture).padStart(5, '0');
  const vendor = `${firmware.transport === 'http' ? 'HTTPClient' : 'PXEClient'}:Arch:${architecture}:UNDI:003001`;
  return [
    [57, type === 1 ? Uint8Array.of(5, 192) : Uint8Array.of(255, 0)],
    [55, Uint8Array.from(wanted)],
    [61, Buffer.from(`01${mac.replaceAll(':', '')}`, 'hex')],
    [97, Uint8Array.of(0, ...guidBytes(uuid))],
    [94, Uint8Array.of(1, 3, 1)],
    [93, Uint8Array.of(0, firmware.architecture)],
    [60, Buffer.from(vendor)],
  ];
}

/** SMBIOS writes the first three fields of a UUID with the low byte first (RFC 4578 section 2.3, DSP0134 7.2.1). */
function guidBytes(uuid: string): Uint8Array {
  const [low = '', mid = '', high = '', ...rest] = uuid.split('-');
  const swapped = [low, mid, high].map((field) => Buffer.from(field, 'hex').reverse());
  return Buffer.concat([...swapped, Buffer.from(rest.join(''), 'hex')]);
}
