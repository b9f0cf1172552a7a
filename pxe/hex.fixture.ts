/** The bytes of a hexadecimal text; blanks do not count. */
export function bytesOfHex(text: string): Uint8Array {
  return Uint8Array.from(text.replaceAll(/\s/g, '').match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));
}
