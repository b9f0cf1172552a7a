import { describe, expect, it } from 'vitest';
import { probePackets } from './probe-packets.ts';

const { signal } = new AbortController();
/** A way that carries packets of so many bytes, headers and all. */
const probe = (carries: number, wantedBytes: number, mtuBytes = 9000) => {
  const sizes: number[] = [];
  const link = { name: 'eth1', ipv4: [], mtuBytes };
  const knockUdp = async (_to: unknown, sizeBytes: number) => {
    sizes.push(sizeBytes);
    return sizeBytes + 28 <= carries ? 'refused' : 'silent';
  };
  return probePackets('10.0.0.101', { wantedBytes, knockUdp, link }, signal).then((answer) => ({ answer, sizes }));
};

describe('probePackets', () => {
  it('tells that a packet of the size gets through', async () => {
    expect(await probe(9000, 9000)).toEqual({ answer: { kind: 'through', sizeBytes: 9000 }, sizes: [0, 8972] });
  });

  it('tells that only small ones do, after the small one has got through once more', async () => {
    expect(await probe(1400, 1500)).toEqual({ answer: { kind: 'lost', sizeBytes: 1500 }, sizes: [0, 1472, 0] });
  });

  it('tries no more than the interface of this computer sends in one piece', async () => {
    expect((await probe(9000, 9000, 1500)).answer).toEqual({ kind: 'through', sizeBytes: 1500 });
  });

  it('says nothing of a machine that refuses no datagrams, nor without knowing what leaves in one piece', async () => {
    expect((await probe(0, 1500)).answer).toMatchObject({ kind: 'unasked' });
    const link = { name: 'eth1', ipv4: [] };
    const knockUdp = async () => 'refused' as const;
    expect(await probePackets('10.0.0.1', { wantedBytes: 1500, knockUdp, link }, signal)).toMatchObject({
      kind: 'unasked',
    });
  });
});
