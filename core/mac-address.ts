import { hexText } from './hex-text.ts';

/** A MAC address in lower case with colons: `52:54:00:98:00:01`. */
export type MacAddress = string & { readonly __brand: 'MacAddress' };

/** Accepts colons, dashes or nothing between the six octets; `undefined` for anything else. */
export function parseMac(text: string): MacAddress | undefined {
  const digits = text.trim().toLowerCase().replaceAll(/[:-]/g, '');
  if (!/^[0-9a-f]{12}$/.test(digits)) return undefined;
  return (digits.match(/../g) ?? []).join(':') as MacAddress;
}

/** The first six bytes of a hardware address as text. */
export function macOfBytes(bytes: Uint8Array): MacAddress {
  const layout = bytes.length < 6 ? sixOctets.slice(0, Math.max(0, 2 * bytes.length - 1)) : sixOctets;
  return hexText(bytes, layout) as MacAddress;
}

const sixOctets = [0, ':', 1, ':', 2, ':', 3, ':', 4, ':', 5];
