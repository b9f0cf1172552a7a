import { textOfBytes } from '../wire-text.ts';
import { opcode, type TftpOptions, type TftpPacket } from './tftp-packet.ts';

export type DecodedTftp = TftpPacket | { readonly kind: 'malformed'; readonly reason: string };

/** The TFTP packet in a datagram, or why there is none. Takes any bytes and never throws. */
export function decodeTftp(datagram: Uint8Array): DecodedTftp {
  if (datagram.length < 4) return malformed(`${datagram.length} bytes are too few for a TFTP packet`);
  const at = (index: number) => datagram[index] ?? 0;
  const code = (at(0) << 8) | at(1);
  const number = (at(2) << 8) | at(3);
  switch (code) {
    case opcode.read:
    case opcode.write:
      return decodeRequest(code === opcode.read ? 'read' : 'write', stringsOf(datagram));
    case opcode.data:
      return { kind: 'data', block: number, data: datagram.subarray(4) };
    case opcode.ack:
      return { kind: 'ack', block: number };
    case opcode.error:
      return { kind: 'error', code: number, message: stringsOf(datagram.subarray(2))[0] ?? '' };
    case opcode.optionAck:
      return decodeOptionAck(optionsOf(stringsOf(datagram)));
    default:
      return malformed(`opcode ${code} is not one of TFTP`);
  }
}

function decodeRequest(kind: 'read' | 'write', strings: readonly string[]): DecodedTftp {
  const [file, mode, ...options] = strings;
  if (file === undefined || mode === undefined) return malformed('a request without file name and mode');
  return { kind, file, mode: mode.toLowerCase(), options: optionsOf(options) };
}

function decodeOptionAck(options: TftpOptions): DecodedTftp {
  return options.size === 0 ? malformed('an OACK without options') : { kind: 'optionAck', options };
}

function optionsOf(strings: readonly string[]): TftpOptions {
  const options = new Map<string, string>();
  for (let at = 0; at + 1 < strings.length; at += 2) {
    const name = (strings[at] ?? '').toLowerCase();
    if (!options.has(name)) options.set(name, strings[at + 1] ?? '');
  }
  return options;
}

/** The strings after the opcode; one that no NUL ends does not count. */
function stringsOf(packet: Uint8Array): string[] {
  return textOfBytes(packet.subarray(2)).split('\0').slice(0, -1);
}

const malformed = (reason: string): DecodedTftp => ({ kind: 'malformed', reason });
