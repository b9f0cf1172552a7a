import { hexDigit } from './hex-digit.ts';

/** A MAC address in lower case with colons: `52:54:00:98:00:01`. */
export type MacAddress = string & { readonly __brand: 'MacAddress' };

/** Accepts colons, dashes or nothing between the six octets; `undefined` for anything else. */
export function parseMac(text: string): MacAddress | undefined {
  const digits = text.trim().toLowerCase().replaceAll(/[:-]/g, '');
  if (!/^[0-9a-f]{12}$/.test(digits)) return undefined;
  return (digits.match(/../g) ?? []).join(':') as MacAddress;
}

/**
 * The first six bytes of a hardware address as text. In one piece, for it is needed for each packet of a rack that powers on:
 * what is joined of parts has to be copied before it is looked up.
 */
export function macOfBytes(bytes: Uint8Array): MacAddress {
  const codes: number[] = [];
  for (let at = 0; at < Math.min(6, bytes.length); at += 1) {
    const octet = bytes[at] ?? 0;
    if (at > 0) codes.push(colon);
    codes.push(hexDigit(octet >> 4), hexDigit(octet & 15));
  }
  return String.fromCharCode(...codes) as MacAddress;
}

const colon = 0x3a;
