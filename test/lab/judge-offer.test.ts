import { describe, expect, it } from 'vitest';
import { parseMac } from '../../core/mac-address.ts';
import { type DhcpMessage, type DhcpOption, ipv4Bytes } from './dhcp-wire.ts';
import { judgeOffer } from './judge-offer.ts';

const mac = parseMac('52:54:00:98:00:01')!;
const option = {
  type: [53, Uint8Array.of(2)],
  server: [54, ipv4Bytes('10.0.0.2')],
  pxe: [60, Buffer.from('PXEClient')],
  http: [60, Buffer.from('HTTPClient')],
  skip: [43, Uint8Array.of(6, 1, 8, 255)],
  file: [67, Buffer.from('uki.efi\0')],
  url: [67, Buffer.from('http://10.0.0.2:8080/uki.efi')],
} satisfies Record<string, DhcpOption>;

const judge = (
  options: DhcpOption[],
  more: Partial<DhcpMessage> & { transport?: 'http' | 'tftp'; sizeBytes?: number } = {},
) =>
  judgeOffer(
    {
      op: 2,
      hops: 0,
      xid: 7,
      flags: 0,
      ciaddr: '0.0.0.0',
      yiaddr: '0.0.0.0',
      siaddr: '0.0.0.0',
      giaddr: '0.0.0.0',
      mac,
      file: '',
      options,
      ...more,
    },
    { xid: 7, mac, sizeBytes: more.sizeBytes ?? 300, expected: 2 },
    more.transport ?? 'tftp',
  );

/** The matrix that was measured with OVMF (docs/firmware.md). */
describe('judgeOffer', () => {
  const { type, server, pxe, http, skip, file, url } = option;

  it('takes the file of a proxy offer with the skip bit', () => {
    const taken = { kind: 'file', server: '10.0.0.2', file: 'uki.efi' };
    expect(judge([type, server, pxe, skip, file])).toEqual(taken);
    expect(judge([type, server, pxe, skip], { file: 'uki.efi' })).toEqual(taken);
    expect(judge([type, server, pxe, skip, file], { siaddr: '10.0.0.3' })).toMatchObject({ server: '10.0.0.3' });
  });

  it('asks port 4011 where there is no option 43', () => {
    expect(judge([type, server, pxe, file])).toEqual({ kind: 'ask-4011', server: '10.0.0.2' });
  });

  it('gives up on a boot menu that is not there', () => {
    expect(judge([type, server, pxe, [43, Uint8Array.of(6, 1, 3, 255)], file]).kind).toBe('cancelled');
  });

  it.each([
    ['no server identifier', [type, pxe, skip, file]],
    ['no message type', [server, pxe, skip, file]],
    ['no vendor class', [type, server, skip, file]],
    ['the vendor class of HTTP boot', [type, server, http, skip, file]],
  ])('ignores a reply with %s', (_, options) => {
    expect(judge(options).kind).toBe('ignored');
  });

  it('ignores what is not for it, or too long for its buffer', () => {
    expect(judge([type, server, pxe, skip, file], { xid: 8 }).kind).toBe('ignored');
    expect(judge([type, server, pxe, skip, file], { sizeBytes: 1473 }).kind).toBe('ignored');
  });

  it('boots over HTTP only from an http URL with a literal address', () => {
    expect(judge([type, server, http, url], { transport: 'http' })).toEqual({
      kind: 'url',
      url: 'http://10.0.0.2:8080/uki.efi',
    });
    for (const text of ['https://10.0.0.2/a', 'http://boot.lan/a', 'uki.efi']) {
      expect(judge([type, server, http, [67, Buffer.from(text)]], { transport: 'http' }).kind).toBe('ignored');
    }
  });

  it('takes an address from the server that gives one', () => {
    expect(judge([type, server], { yiaddr: '10.0.0.77' })).toEqual({
      kind: 'address',
      address: '10.0.0.77',
      server: '10.0.0.2',
    });
  });

  it('takes both from a server that gives addresses and boot files', () => {
    const { type, server, pxe, skip, file, http, url } = option;
    const yiaddr = '10.0.0.77';
    expect(judge([type, server, pxe, skip, file], { yiaddr })).toEqual({
      ...{ kind: 'address', address: yiaddr, server: '10.0.0.2' },
      boot: { kind: 'file', server: '10.0.0.2', file: 'uki.efi' },
    });
    expect(judge([type, server, http, url], { yiaddr, transport: 'http' })).toMatchObject({
      boot: { kind: 'url', url: 'http://10.0.0.2:8080/uki.efi' },
    });
  });
});
