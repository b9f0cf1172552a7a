import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { millis, seconds } from '../../core/millis.ts';
import { FakeClock, FakeFiles, settle } from '../fake-world.fixture.ts';
import { DeadlineWatch } from './deadline-watch.ts';
import { decodeTftp } from './decode-tftp.ts';
import type { TftpPacket } from './tftp-packet.ts';
import { createOutbox, TftpTransfer, type TransferEnd } from './tftp-transfer.ts';

describe('TftpTransfer', () => {
  it('brings every byte to a client that loses packets in both directions', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          sizeBytes: fc.oneof(fc.integer({ min: 0, max: 600 }), fc.constantFrom(64, 128, 1024)),
          blockSize: fc.integer({ min: 8, max: 64 }),
          windowSize: fc.integer({ min: 1, max: 6 }),
          /** How many packets arrive before the next one is lost. */
          arrivals: fc.array(fc.integer({ min: 2, max: 9 }), { maxLength: 15 }),
        }),
        async ({ sizeBytes, blockSize, windowSize, arrivals }) => {
          const content = Uint8Array.from({ length: sizeBytes }, (_, at) => at * 7);
          const fates = arrivals.flatMap((count) => [...Array<boolean>(count).fill(false), true]);
          const options = { blksize: String(blockSize), windowsize: String(windowSize) };
          const run = await start(content, options, () => fates.shift() ?? false);
          const received = await run.receive(blockSize, windowSize);
          expect(received).toEqual([...content]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('sends a file of more than 65535 blocks', async () => {
    const content = new Uint8Array(8 * 65_540).fill(1);
    const run = await start(content, { blksize: '8', windowsize: '64' });
    expect((await run.receive(8, 64)).length).toBe(content.length);
    expect(await run.end).toMatchObject({ outcome: 'complete', sentBytes: content.length, resentBlocks: 0 });
  });

  it('takes the ERROR that follows a size probe for what it is', async () => {
    const run = await start(new Uint8Array(1000), { tsize: '0' });
    expect(run.sent).toEqual([{ kind: 'optionAck', options: new Map([['tsize', '1000']]) }]);
    run.transfer.onPacket({ kind: 'error', code: 8, message: 'User aborted the transfer' });
    expect(await run.end).toMatchObject({ outcome: 'probe', sentBytes: 0 });
  });

  it('says how much had arrived when the client breaks off', async () => {
    const run = await start(new Uint8Array(2000), {});
    run.transfer.onPacket({ kind: 'ack', block: 1 });
    run.transfer.onPacket({ kind: 'error', code: 3, message: 'disk full' });
    expect(await run.end).toMatchObject({
      outcome: 'aborted',
      sentBytes: 512,
      reason: 'client said error 3 disk full',
    });
  });

  it('sends again more and more slowly, and gives a silent client up', async () => {
    const run = await start(new Uint8Array(2000), {});
    const sentAfter: number[] = [];
    for (let second = 1; second <= 40; second += 1) {
      await run.clock.advance(seconds(1));
      sentAfter.push(run.sent.length);
    }
    // After 1 s, then half as much again each time, then every 8 s, until half a minute is over.
    expect([0, 1, 2, 4, 5, 9, 15, 39].map((second) => sentAfter[second])).toEqual([2, 2, 3, 3, 4, 5, 6, 7]);
    expect(await run.end).toMatchObject({ outcome: 'timed-out', sentBytes: 0, resentBlocks: 6 });
  });

  it('waits for about as long as answers have taken, once it knows', async () => {
    const run = await start(new Uint8Array(4000), {});
    for (const block of [1, 2, 3]) {
      await run.clock.advance(millis(10));
      run.transfer.onPacket({ kind: 'ack', block });
    }
    await run.clock.advance(millis(29));
    expect(run.sent).toHaveLength(4);
    await run.clock.advance(millis(10));
    expect(run.sent).toHaveLength(5);
  });

  it('waits as long as a client that names its time-out asked', async () => {
    const run = await start(new Uint8Array(4000), { timeout: '3' });
    await run.clock.advance(millis(10));
    run.transfer.onPacket({ kind: 'ack', block: 0 });
    await settle();
    await run.clock.advance(seconds(2));
    expect(run.sent).toHaveLength(2);
    await run.clock.advance(seconds(1));
    expect(run.sent).toHaveLength(3);
  });

  it('never answers a repeated ACK with a second copy of the block', async () => {
    const run = await start(new Uint8Array(2000), {});
    run.transfer.onPacket({ kind: 'ack', block: 1 });
    run.transfer.onPacket({ kind: 'ack', block: 1 });
    expect(run.sent.filter((packet) => packet.kind === 'data' && packet.block === 2)).toHaveLength(1);
  });

  it('tells the client when the file became shorter', async () => {
    const run = await start(new Uint8Array(2000), {}, () => false, 4000);
    expect(await run.end).toMatchObject({ outcome: 'failed' });
    expect(run.sent.at(-1)).toMatchObject({ kind: 'error', message: 'cannot read the file' });
  });

  it('ends when the server does', async () => {
    const run = await start(new Uint8Array(2000), {});
    run.stop.abort();
    expect(await run.end).toMatchObject({ outcome: 'aborted', reason: 'the server is closing' });
  });
});

async function start(
  content: Uint8Array,
  options: Readonly<Record<string, string>>,
  isLost: () => boolean = () => false,
  claimedBytes = content.length,
) {
  const clock = new FakeClock();
  const files = new FakeFiles();
  files.contents.set('/uki', content);
  const file = await files.open('/uki');
  if (file === undefined) throw new Error('no file');
  const sent: TftpPacket[] = [];
  const inbox: TftpPacket[] = [];
  const hear = (bytes: Uint8Array) => {
    const packet = decodeTftp(bytes);
    if (packet.kind === 'malformed') throw new Error(packet.reason);
    sent.push(packet);
    if (!isLost()) inbox.push(packet);
  };
  const transfer = new TftpTransfer({
    watch: new DeadlineWatch(clock),
    outbox: createOutbox(),
    request: { kind: 'read', file: 'uki', mode: 'octet', options: new Map(Object.entries(options)) },
    file: { ...file, sizeBytes: claimedBytes },
    clock,
    send: hear,
    sendSegments: (bytes, segmentBytes) => {
      for (let at = 0; at < bytes.length; at += segmentBytes) hear(bytes.slice(at, at + segmentBytes));
    },
  });
  const stop = new AbortController();
  const end: Promise<TransferEnd> = transfer.run(stop.signal);
  await settle();

  /** A client after RFC 7440: acknowledges each full window and the last block, and the last good block at a gap. */
  const receive = async (blockSize: number, windowSize: number): Promise<number[]> => {
    const received: number[] = [];
    let expected = 1;
    let inWindow = 0;
    let isLast = false;
    const ack = (block: number) => {
      inWindow = 0;
      if (!isLost()) transfer.onPacket({ kind: 'ack', block: block & 0xffff });
    };
    for (let idle = 0; !isLast && idle < 100; ) {
      const packet = inbox.shift();
      if (packet === undefined) {
        await settle();
        if (inbox.length > 0) continue;
        idle += 1;
        await clock.advance(seconds(1));
      } else if (packet.kind === 'optionAck') {
        ack(0);
      } else if (packet.kind === 'data' && packet.block === (expected & 0xffff)) {
        received.push(...packet.data);
        isLast = packet.data.length < blockSize;
        inWindow += 1;
        idle = 0;
        if (isLast || inWindow === windowSize) ack(expected);
        expected += 1;
      } else {
        ack(expected - 1);
      }
    }
    return received;
  };
  return { transfer, clock, sent, stop, end, receive };
}
