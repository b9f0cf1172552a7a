import { type Millis, millis, seconds } from '../../core/millis.ts';
import { FakeClock, FakeFiles, FakeNetwork, settle } from '../fake-world.fixture.ts';
import { decodeTftp } from './decode-tftp.ts';
import { serveTftp } from './serve-tftp.ts';

/** A file over a link of a given badness to a client as EDK2 is; the same seed loses the same packets. */
export interface LossyDownload {
  readonly seed: number;
  /** Of the packets, each way, 0 to 1. */
  readonly loss: number;
  readonly oneWay: Millis;
  /** The network delivers each of these twice, as a loop of switches or a bond that broadcasts does. */
  readonly doubles?: readonly ('data' | 'ack')[];
  readonly blocks: number;
  readonly windowSize: number;
  /** What the client does when nothing comes, and how often; EDK2: 4 s, 6 times. */
  readonly clientTimer?: Millis;
  readonly tries?: number;
  /** It says once what it has, and ignores all further blocks that are not the next; each starts its timer anew (atftp). */
  readonly saysOnce?: boolean;
  /** How long the client takes for one packet while it waits for this block. */
  readonly packetTime?: (nextBlock: number) => Millis;
}

export interface LossyDownloadEnd {
  readonly isComplete: boolean;
  readonly duration: Millis;
  readonly resentBlocks: number;
}

const blockSize = 8;
const server = { address: '10.0.0.1', port: 69 };
const client = { address: '10.0.0.9', port: 2000 };
const longest = seconds(600);

/**
 * Downloads on a clock of its own. The client acknowledges each full window and the last block, and what it has with each
 * block that is not the next one, whether it had that block before or misses one between (EDK2 Mtftp4RrqHandleData).
 */
export async function downloadOverLossyLink(link: LossyDownload): Promise<LossyDownloadEnd> {
  const {
    loss,
    oneWay,
    doubles = [],
    blocks,
    windowSize,
    clientTimer = seconds(4),
    tries = 6,
    packetTime = () => millis(0),
  } = link;
  const [clock, files, network] = [new FakeClock(), new FakeFiles(), new FakeNetwork()];
  files.contents.set('/uki', new Uint8Array(blocks * blockSize - 1));
  const resent = Promise.withResolvers<number>();
  const service = await serveTftp({
    ...{ network, files, clock, at: server, pathOf: () => '/uki' },
    emit: (event) => {
      if (event.type === 'file.served') resent.resolve(event.tftp?.resentBlocks ?? 0);
    },
  });
  const fraction = fractions(link.seed);
  const travelling: { readonly at: number; readonly arrive: () => void }[] = [];
  const travel = (kind: 'data' | 'ack', span: number, arrive: () => void) => {
    const copies = doubles.includes(kind) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1)
      if (fraction() >= loss) travelling.push({ at: clock.monotonic() + span, arrive });
  };

  let peer = server;
  let next = 1;
  let inWindow = 0;
  let silences = 0;
  let said = 0;
  let [heardAt, busyUntil] = [0, 0];
  const say = (bytes: Uint8Array) => {
    const to = peer;
    travel('ack', oneWay, () => network.deliver(bytes, client, to));
  };
  let sayAgain = () => say(Buffer.from(`\0\x01uki\0octet\0blksize\0${blockSize}\0windowsize\0${windowSize}\0`));
  const acknowledge = (block: number) => {
    inWindow = 0;
    say(Uint8Array.of(0, 4, block >> 8, block));
  };
  const hear = (bytes: Uint8Array) => {
    const packet = decodeTftp(bytes);
    heardAt = clock.monotonic();
    if (packet.kind === 'data' && packet.block === next) {
      const block = next++;
      silences = 0;
      sayAgain = () => acknowledge(block);
      inWindow += 1;
      if (inWindow === windowSize || block === blocks) acknowledge(block);
    } else if (packet.kind === 'optionAck' || (packet.kind === 'data' && !(link.saysOnce && said === next))) {
      if (packet.kind === 'data') said = next;
      sayAgain = () => acknowledge(next - 1);
      acknowledge(next - 1);
    }
  };

  sayAgain();
  while (next <= blocks && silences < tries && clock.monotonic() < longest) {
    for (const { from, bytes } of network.sent.splice(0)) {
      busyUntil = Math.max(busyUntil, clock.monotonic() + oneWay) + packetTime(next);
      travel('data', busyUntil - clock.monotonic(), () => {
        peer = from;
        hear(bytes);
      });
    }
    const due = Math.min(...travelling.map(({ at }) => at), heardAt + clientTimer, clock.monotonic() + 10);
    await clock.advance(millis(due - clock.monotonic()));
    const arrived = travelling.filter(({ at }) => at <= due);
    travelling.splice(0, travelling.length, ...travelling.filter(({ at }) => at > due));
    for (const { arrive } of arrived) arrive();
    await settle();
    if (due < heardAt + clientTimer) continue;
    heardAt = due;
    silences += 1;
    sayAgain();
  }
  const duration = clock.monotonic();
  const closed = service.close();
  await clock.advance(seconds(1));
  await closed;
  return { isComplete: next > blocks, duration, resentBlocks: await resent.promise };
}

/** Xorshift (Marsaglia 2003): fractions below 1 that only depend on the seed. */
function fractions(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
