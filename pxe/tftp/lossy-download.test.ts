import { describe, expect, it } from 'vitest';
import { millis, seconds } from '../../core/millis.ts';
import { downloadOverLossyLink, type LossyDownload } from './lossy-download.fixture.ts';

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
const link = { loss: 0, oneWay: millis(1), blocks: 275, windowSize: 4 };
const download = (seed: number, more: Partial<LossyDownload> = {}) => downloadOverLossyLink({ seed, ...link, ...more });

/** Medians, and whether all arrived. */
async function ofAllSeeds(more: Partial<LossyDownload>) {
  const ends = await Promise.all(seeds.map((seed) => download(seed, more)));
  const middle = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
  return {
    complete: ends.filter(({ isComplete }) => isComplete).length,
    duration: middle(ends.map(({ duration }) => duration)),
    resentBlocks: middle(ends.map(({ resentBlocks }) => resentBlocks)),
  };
}

describe('a TFTP transfer over a bad link', () => {
  it.each([
    { windowSize: 1, most: seconds(5), mostResent: 80 },
    { windowSize: 4, most: seconds(2), mostResent: 160 },
    { windowSize: 16, most: seconds(2), mostResent: 600 },
  ])('gets through where one packet in ten is lost each way, window $windowSize', async (row) => {
    const { complete, duration, resentBlocks } = await ofAllSeeds({ loss: 0.1, windowSize: row.windowSize });
    expect(complete).toBe(seeds.length);
    expect(duration).toBeLessThan(row.most);
    expect(resentBlocks).toBeLessThan(row.mostResent);
  });

  it('gets through to a client that loses its patience soon', async () => {
    const impatient = { loss: 0.1, oneWay: millis(3), clientTimer: millis(50) };
    const { complete, duration } = await ofAllSeeds(impatient);
    expect(complete).toBeGreaterThanOrEqual(seeds.length - 1);
    expect(duration).toBeLessThan(seconds(2));
  });

  it('gets through to a client that ignores what it has, and only speaks after 5 s of silence', async () => {
    const { complete } = await ofAllSeeds({ loss: 0.1, saysOnce: true, clientTimer: millis(5100) });
    expect(complete).toBe(seeds.length);
  });

  it('sends little more than what was lost where one packet in fifty is', async () => {
    const { complete, resentBlocks } = await ofAllSeeds({ loss: 0.02, blocks: 1000 });
    expect(complete).toBe(seeds.length);
    expect(resentBlocks).toBeLessThan(120);
  });

  it.each([
    { doubles: ['ack'] as const, timesAtMost: 2 },
    { doubles: ['data'] as const, timesAtMost: 2 },
    { doubles: ['ack', 'data'] as const, timesAtMost: 6 },
  ])('raises no storm where the network doubles each packet: $doubles', async ({ doubles, timesAtMost }) => {
    const end = await download(1, { blocks: 1000, doubles });
    expect(end).toMatchObject({ isComplete: true });
    expect(end.resentBlocks).toBeLessThanOrEqual(timesAtMost * 1000);
  });

  it.each([1, 4, 16])('sends only the window again that a late client got late, window %i', async (windowSize) => {
    let isLate = false;
    const packetTime = (next: number) => {
      if (next < 100 || isLate) return millis(0);
      isLate = true;
      return millis(400);
    };
    const end = await download(1, { blocks: 1000, windowSize, packetTime });
    expect(end).toMatchObject({ isComplete: true });
    expect(end.resentBlocks).toBeLessThanOrEqual(4 * windowSize);
  });

  it.each([
    { windowSize: 1, perPacket: 60 },
    { windowSize: 4, perPacket: 60 },
    { windowSize: 16, perPacket: 60 },
    { windowSize: 16, perPacket: 200 },
  ])('learns once that a client takes $perPacket ms for a packet, window $windowSize', async (row) => {
    const packetTime = (next: number) => millis(next < 100 ? 0 : row.perPacket);
    const end = await download(1, { blocks: 1000, windowSize: row.windowSize, packetTime });
    expect(end).toMatchObject({ isComplete: true });
    expect(end.resentBlocks).toBeLessThanOrEqual(24 * row.windowSize);
  });
});
