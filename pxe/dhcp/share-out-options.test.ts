import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ovmfPxeDiscover } from '../ovmf-requests.fixture.ts';
import { packetOf } from '../request.fixture.ts';
import { decodeDhcp } from './decode-dhcp.ts';
import type { DhcpOptions } from './dhcp-options.ts';
import { encodeDhcp } from './encode-dhcp.ts';

const discover = packetOf(ovmfPxeDiscover);
const packetWith = (options: readonly (readonly [number, Uint8Array])[], more: object = {}) => ({
  ...discover,
  ...more,
  options: new Map(options),
});
const filled = (size: number, octet: number) => new Uint8Array(size).fill(octet);
const sorted = (options: DhcpOptions) => [...options].toSorted(([a], [b]) => a - b);

describe('encodeDhcp with a maximum size', () => {
  it('uses file first, then sname, and says so in option 52', () => {
    const inFile = encodeDhcp(
      packetWith([
        [53, filled(1, 1)],
        [61, filled(60, 6)],
        [97, filled(60, 9)],
      ]),
      340,
    );
    expect([...inFile.subarray(108, 112)]).toEqual([97, 60, 9, 9]);
    expect([...inFile.subarray(240 + 3 + 62, 240 + 3 + 65)]).toEqual([52, 1, 1]);
    const inBoth = encodeDhcp(
      packetWith([
        [53, filled(1, 1)],
        [61, filled(100, 6)],
        [97, filled(60, 9)],
      ]),
      300,
    );
    expect([inBoth[108], inBoth[44], inBoth.subarray(240).indexOf(52)]).toEqual([61, 97, 3]);
    expect(inBoth[245]).toBe(3);
    expect(inBoth.length).toBeLessThanOrEqual(300);
  });

  it('leaves a field alone that is in use', () => {
    const bytes = encodeDhcp(
      packetWith(
        [
          [61, filled(50, 6)],
          [97, filled(50, 9)],
        ],
        { file: 'a.efi' },
      ),
      310,
    );
    expect(packetOf(bytes)).toMatchObject({ file: 'a.efi', sname: '' });
    expect(bytes[44]).toBe(97);
  });

  it('loses no option however they fall, and keeps to the maximum where there is room at all', () => {
    const option = fc.tuple(
      fc.integer({ min: 1, max: 254 }).filter((code) => code !== 52),
      fc.uint8Array({ maxLength: 400 }),
    );
    fc.assert(
      fc.property(fc.array(option, { maxLength: 8 }), fc.integer({ min: 300, max: 1472 }), (options, maximum) => {
        const packet = packetWith(options);
        const bytes = encodeDhcp(packet, maximum);
        const decoded = decodeDhcp(bytes);
        if (decoded.kind === 'malformed') throw new Error(decoded.reason);
        expect(sorted(decoded.packet.options)).toEqual(sorted(packet.options));
        const needed = options.reduce((sum, [, value]) => sum + 2 + value.length, 0);
        if (needed + 250 <= maximum) expect(bytes.length).toBeLessThanOrEqual(maximum);
      }),
    );
  });
});

describe('decodeDhcp', () => {
  it('takes time in proportion to the size, however often an option is repeated', () => {
    // A join that copies what it had for each part would copy gigabytes here, and run into the time limit.
    const parts = 400_000;
    const options = new Uint8Array(parts * 3).map((_, at) => [43, 1, 7][at % 3] ?? 0);
    const { options: read } = packetOf(Buffer.concat([ovmfPxeDiscover.subarray(0, 240), options]));
    expect(read.get(43)?.length).toBe(parts);
  });
});
