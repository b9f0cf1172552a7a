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
  let text = '';
  for (let at = 0; at < Math.min(6, bytes.length); at += 1) {
    text += (at === 0 ? '' : ':') + (hexOfOctet[bytes[at] ?? 0] ?? '');
  }
  return text as MacAddress;
}

/** One is needed for each packet of a rack that powers on. */
const hexOfOctet = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));
