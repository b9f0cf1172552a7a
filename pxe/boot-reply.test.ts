import { describe, expect, it } from 'vitest';
import { bootFiles } from './boot-file.ts';
import { bootReply } from './boot-reply.ts';
import { type BootDecision, decideBoot } from './decide-boot.ts';
import type { DhcpPacket } from './dhcp/dhcp-packet.ts';
import { ovmfHttpDiscover, ovmfPxeDiscover, ovmfPxeRequest } from './ovmf-requests.fixture.ts';
import { ascii, httpClient, packetOf, pxeClient, withOptions } from './request.fixture.ts';

const offers = { ukis: { amd64: '/srv/amd64' }, httpOrigin: 'http://10.98.0.1:8080' };
const overTftp = decideBoot(pxeClient, { kind: 'boot', machine: 'node-1' }, offers);
const overHttp = decideBoot(httpClient, { kind: 'boot', machine: 'node-1' }, offers);
const discover = packetOf(ovmfPxeDiscover);
const request = packetOf(ovmfPxeRequest);

describe('bootReply', () => {
  it('offers PXE firmware the file so that it asks nobody else', () => {
    const reply = replyTo(discover, overTftp);
    expect(readable(reply)).toEqual([
      [53, '02'],
      [54, '0a620001'],
      [97, '00443322116655887799aabbccddeeff02'],
      [60, hex(ascii('PXEClient'))],
      [43, '060108ff'],
      [67, hex(ascii('talos-amd64.efi\0'))],
    ]);
    expect(reply).toMatchObject({
      op: 2,
      xid: discover.xid,
      flags: 0x8000,
      yiaddr: '0.0.0.0',
      siaddr: '10.98.0.1',
      sname: '10.98.0.1',
      file: 'talos-amd64.efi',
    });
  });

  it('offers HTTP firmware a URL, and no PXE options', () => {
    const reply = replyTo(packetOf(ovmfHttpDiscover), overHttp);
    expect(readable(reply).map(([code]) => code)).toEqual([53, 54, 97, 60, 67]);
    expect(reply?.options.get(60)).toEqual(ascii('HTTPClient'));
    expect(reply?.options.get(67)).toEqual(ascii('http://10.98.0.1:8080/talos-amd64.efi\0'));
  });

  it('acknowledges the second question of two-step firmware on port 4011, without discovery control', () => {
    const reply = bootReply(request, 'proxyDhcp', overTftp, '10.98.0.1');
    expect(reply?.options.get(53)).toEqual(Uint8Array.of(5));
    expect(reply?.options.has(43)).toBe(false);
    expect(reply?.file).toBe('talos-amd64.efi');
  });

  it('leaves a REQUEST on port 67 to the DHCP server that it is for', () => {
    expect(replyTo(request, overTftp)).toBeUndefined();
  });

  it.each<BootDecision>([
    { kind: 'local-disk', machine: 'node-1' },
    { kind: 'hold', reason: 'not in the rack file' },
  ])('is silent when the decision is $kind', (decision) => {
    expect(replyTo(discover, decision)).toBeUndefined();
    expect(bootReply(request, 'proxyDhcp', decision, '10.98.0.1')).toBeUndefined();
  });

  it('gives a relay its information back, last', () => {
    const relayed = {
      ...withOptions(discover, { 82: Uint8Array.of(1, 2, 9, 9), 61: Uint8Array.of(1) }),
      giaddr: '10.5.0.1',
    };
    const reply = replyTo(relayed, overTftp);
    expect(readable(reply).at(-1)).toEqual([82, '01020909']);
    expect(reply).toMatchObject({ giaddr: '10.5.0.1', hops: 0 });
  });

  it('fits every boot file of the table into the header too', () => {
    for (const { name } of bootFiles) expect(`http://255.255.255.255:65535/${name}`.length).toBeLessThanOrEqual(127);
  });
});

const replyTo = (packet: DhcpPacket, decision: BootDecision) => bootReply(packet, 'dhcp', decision, '10.98.0.1');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const readable = (packet: DhcpPacket | undefined) =>
  [...(packet?.options ?? [])].map(([code, value]) => [code, hex(value)]);
