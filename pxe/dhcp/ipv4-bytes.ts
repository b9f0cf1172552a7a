import { parseIpv4 } from '../../core/ipv4.ts';

const zero = '0.0.0.0';

/** The four octets from `at` as a dotted quad; octets that are not there are 0. */
export function ipv4OfBytes(bytes: Uint8Array, at = 0): string {
  const a = bytes[at] ?? 0;
  const b = bytes[at + 1] ?? 0;
  const c = bytes[at + 2] ?? 0;
  const d = bytes[at + 3] ?? 0;
  return (a | b | c | d) === 0 ? zero : `${a}.${b}.${c}.${d}`;
}

/** A dotted quad as four octets; what is none becomes 0.0.0.0. */
export function bytesOfIpv4(address: string): Uint8Array {
  const bytes = new Uint8Array(4);
  writeIpv4(bytes, 0, address);
  return bytes;
}

/** Writes the four octets of a dotted quad to `at`, where zeros are; what is none leaves them zero. */
export function writeIpv4(bytes: Uint8Array, at: number, address: string): void {
  if (address === zero) return;
  const value = parseIpv4(address) ?? 0;
  bytes[at] = value >>> 24;
  bytes[at + 1] = (value >>> 16) & 255;
  bytes[at + 2] = (value >>> 8) & 255;
  bytes[at + 3] = value & 255;
}
