/** Unsigned numbers, the high octet first; octets that are not there are 0. */

export const number16At = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

export const number32At = (bytes: Uint8Array, at: number): number =>
  number16At(bytes, at) * 0x10000 + number16At(bytes, at + 2);
