import { writeFile } from 'node:fs/promises';
import { runCommand } from '../firmware/run-command.ts';
import type { PrintedLine } from './dhcp-lab.ts';

interface Sent {
  readonly from: { readonly address: string; readonly port: number };
  readonly to: { readonly address: string; readonly port: number };
  readonly hex: string;
}

/**
 * What tshark says of DHCP datagrams: how many it takes for DHCP, and each that it calls malformed or warns of. They are
 * written as a capture of bare IP packets.
 */
export async function readPackets(path: string, lines: readonly PrintedLine[]) {
  const packets = lines.filter(({ type }) => type === 'sent').map((line) => ipPacket(line as unknown as Sent));
  await writeFile(path, Buffer.concat([captureHeader(), ...packets.map(record)]));
  const tshark = async (filter: string) => {
    const printed = await runCommand('tshark', [
      '-n',
      '-r',
      path,
      '-Y',
      filter,
      '-T',
      'fields',
      '-e',
      'frame.number',
      '-e',
      '_ws.expert',
    ]);
    return printed.split('\n').filter((line) => line !== '');
  };
  return {
    sent: packets.length,
    taken: (await tshark('dhcp')).length,
    /** Severities of Wireshark: 0x400000 is a note, 0x600000 a warning, 0x800000 an error. */
    complaints: await tshark('_ws.malformed || _ws.expert.severity >= 0x600000'),
  };
}

/** Header of a pcap file: magic, version 2.4, snap length, LINKTYPE_RAW. */
function captureHeader(): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65535, 16);
  header.writeUInt32LE(101, 20);
  return header;
}

function record(packet: Buffer): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(packet.length, 8);
  header.writeUInt32LE(packet.length, 12);
  return Buffer.concat([header, packet]);
}

/** IPv4 and UDP headers; a UDP checksum of 0 says that there is none. */
function ipPacket({ from, to, hex }: Sent): Buffer {
  const payload = Buffer.from(hex, 'hex');
  const header = Buffer.alloc(28);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(28 + payload.length, 2);
  header.writeUInt8(64, 8);
  header.writeUInt8(17, 9);
  header.set(from.address.split('.').map(Number), 12);
  header.set(to.address.split('.').map(Number), 16);
  let sum = 0;
  for (let at = 0; at < 20; at += 2) sum += header.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  header.writeUInt16BE(~sum & 0xffff, 10);
  header.writeUInt16BE(from.port, 20);
  header.writeUInt16BE(to.port, 22);
  header.writeUInt16BE(8 + payload.length, 24);
  return Buffer.concat([header, payload]);
}
