import { bytesOfText } from '../wire-text.ts';
import { opcode, type TftpPacket } from './tftp-packet.ts';

/** The bytes of a TFTP packet. */
export function encodeTftp(packet: TftpPacket): Uint8Array {
  switch (packet.kind) {
    case 'read':
    case 'write':
      return withStrings([0, opcode[packet.kind]], [packet.file, packet.mode, ...[...packet.options].flat()]);
    case 'data':
      return encodeData(packet.block, packet.data);
    case 'ack':
      return Uint8Array.of(0, opcode.ack, packet.block >> 8, packet.block & 0xff);
    case 'error':
      return withStrings([0, opcode.error, packet.code >> 8, packet.code & 0xff], [packet.message]);
    case 'optionAck':
      return withStrings([0, opcode.optionAck], [...packet.options].flat());
  }
}

function encodeData(block: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + data.length);
  bytes[1] = opcode.data;
  bytes[2] = block >> 8;
  bytes[3] = block;
  bytes.set(data, 4);
  return bytes;
}

function withStrings(head: readonly number[], strings: readonly string[]): Uint8Array {
  const text = strings.map((one) => `${one}\0`).join('');
  return Uint8Array.from([...head, ...bytesOfText(text)]);
}
