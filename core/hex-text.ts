/**
 * The octets at these places in hexadecimal digits, in lower case, with the one character between them that stands between them in
 * the layout. In one piece, for it is needed for each packet of a rack that powers on: what is joined of parts has to be copied
 * before it is looked up.
 */
export function hexText(bytes: Uint8Array, layout: readonly (number | string)[]): string {
  const codes: number[] = [];
  for (const place of layout) {
    if (typeof place === 'string') {
      codes.push(place.charCodeAt(0));
    } else {
      const octet = bytes[place] ?? 0;
      codes.push(hexDigit(octet >> 4), hexDigit(octet & 15));
    }
  }
  return String.fromCharCode(...codes);
}

const hexDigit = (value: number): number => (value < 10 ? zero : letterA - 10) + value;
const zero = 0x30;
const letterA = 0x61;
