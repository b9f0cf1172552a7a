/** NTP counts seconds from 1900, in 32 bits and as many of a fraction (RFC 5905, section 6). */
const from1900 = 2_208_988_800;
const packetBytes = 48;
/** No leap warning, version 4, mode 3: a client. */
const clientHeader = 0x23;

export interface SntpAnswer {
  /** What the question was marked with, as it came back. */
  readonly cookie: Uint8Array;
  /** When the question reached the server and when its answer left, by its clock: milliseconds since 1970. */
  readonly receivedAt: number;
  readonly sentAt: number;
}

/** A question for the time; the eight bytes of the cookie come back in the answer (RFC 4330, section 5). */
export function encodeSntpQuery(cookie: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(packetBytes);
  bytes[0] = clientHeader;
  bytes.set(cookie.subarray(0, 8), 40);
  return bytes;
}

/**
 * The answer of a time server; `undefined` for what is none, and for a server that is not synchronised itself (leap
 * indicator 3) or refuses (stratum 0, a kiss of death), whose time says nothing.
 */
export function decodeSntpAnswer(bytes: Uint8Array): SntpAnswer | undefined {
  if (bytes.byteLength < packetBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [header, stratum] = [view.getUint8(0), view.getUint8(1)];
  const isServer = (header & 7) === 4;
  if (!isServer || header >> 6 === 3 || stratum === 0 || stratum > 15) return undefined;
  return { cookie: bytes.slice(24, 32), receivedAt: timeAt(view, 32), sentAt: timeAt(view, 40) };
}

/** From 2036 on the seconds begin anew; what lies before 1968 is of that time (RFC 4330, section 3). */
function timeAt(view: DataView, at: number): number {
  const seconds = view.getUint32(at);
  const since1900 = seconds >= 0x80000000 ? seconds : seconds + 2 ** 32;
  return (since1900 - from1900) * 1000 + (view.getUint32(at + 4) / 2 ** 32) * 1000;
}
