import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNft } from './parse-nft.ts';

const chain = (policy: string) => ({
  chain: { family: 'inet', table: 'filter', name: 'input', handle: 1, type: 'filter', hook: 'input', prio: 0, policy },
});
const rule = (...expr: object[]) => ({ rule: { family: 'inet', table: 'filter', chain: 'input', handle: 2, expr } });
const ports = (right: unknown) => ({
  match: { op: '==', left: { payload: { protocol: 'udp', field: 'dport' } }, right },
});
const parse = (...nftables: object[]) => parseNft(JSON.stringify({ nftables }));

describe('parseNft', () => {
  it('names the chains that drop, and every port that a rule lets in, as nft 1.0.6 prints them', () => {
    const accept = { accept: null };
    expect(
      parse(
        { metainfo: { version: '1.0.6', json_schema_version: 1 } },
        chain('drop'),
        rule({ match: { op: 'in', left: { ct: { key: 'state' } }, right: 'established' } }, accept),
        rule(ports({ set: [67, 69] }), accept),
        rule(ports({ range: [8000, 8002] }), accept),
        rule(ports(4011), accept),
      ),
    ).toEqual({ dropping: ['filter input'], namedPorts: [67, 69, 8000, 8001, 8002, 4011] });
  });

  it('takes a last rule that drops everything for a policy', () => {
    expect(parse(chain('accept'))?.dropping).toEqual([]);
    expect(parse(chain('accept'), rule({ drop: null }))?.dropping).toEqual(['filter input']);
    expect(parse(chain('accept'), rule(ports(22), { drop: null }))?.dropping).toEqual([]);
  });

  it('gives facts or nothing for any text', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseNft(text)));
    fc.assert(fc.property(fc.json(), (text) => void parseNft(text)));
  });
});
