import { bytesOfText, textOfBytes } from '../wire-text.ts';
import { bytesOfIpv4, ipv4OfBytes } from './ipv4-bytes.ts';
import { number16At, number32At } from './number-bytes.ts';

/** How the value of an option stands on the wire. */
export interface OptionFormat<Value> {
  /** `undefined` for bytes that are no value of this format. Never throws. */
  readonly decode: (bytes: Uint8Array) => Value | undefined;
  readonly encode: (value: Value) => Uint8Array;
}

/** Anything at all. */
export const bytes: OptionFormat<Uint8Array> = { decode: (value) => value, encode: (value) => value };

/** Characters of one octet each. Some senders end it with NUL, which is no part of the text. */
export const text: OptionFormat<string> = {
  decode: (value) => {
    let end = value.length;
    while (end > 0 && value[end - 1] === 0) end -= 1;
    return textOfBytes(value.subarray(0, end));
  },
  encode: bytesOfText,
};

/** Text that a NUL ends: EDK2 writes a zero behind options 66 and 67, and old ROMs look for one. */
export const terminatedText: OptionFormat<string> = {
  decode: text.decode,
  encode: (value) => bytesOfText(`${value}\0`),
};

export const octet: OptionFormat<number> = {
  decode: (value) => (value.length === 1 ? value[0] : undefined),
  encode: (value) => Uint8Array.of(value),
};

export const number16: OptionFormat<number> = {
  decode: (value) => (value.length === 2 ? number16At(value, 0) : undefined),
  encode: (value) => Uint8Array.of(value >>> 8, value & 255),
};

/** At least one number; an odd octet at the end makes it no list. */
export const numbers16: OptionFormat<readonly number[]> = {
  decode: (value) => {
    if (value.length === 0 || value.length % 2 !== 0) return undefined;
    const numbers: number[] = [];
    for (let at = 0; at < value.length; at += 2) numbers.push(number16At(value, at));
    return numbers;
  },
  encode: (value) => Uint8Array.from(value.flatMap((one) => [one >>> 8, one & 255])),
};

/** Unsigned; times are in seconds, and 0xffffffff is for ever (RFC 2131 section 3.3). */
export const number32: OptionFormat<number> = {
  decode: (value) => (value.length === 4 ? number32At(value, 0) : undefined),
  encode: (value) => Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255),
};

/** Dotted quad. */
export const address: OptionFormat<string> = {
  decode: (value) => (value.length === 4 ? ipv4OfBytes(value) : undefined),
  encode: bytesOfIpv4,
};

/** At least one dotted quad, the preferred one first. */
export const addresses: OptionFormat<readonly string[]> = {
  decode: (value) =>
    value.length === 0 || value.length % 4 !== 0
      ? undefined
      : Array.from({ length: value.length / 4 }, (_, index) => ipv4OfBytes(value, 4 * index)),
  encode: (value) => Uint8Array.from(value.flatMap((one) => [...bytesOfIpv4(one)])),
};

/** Encapsulated options: code, length, value, in order, up to an end octet 255 if there is one. */
export type SubOptions = readonly (readonly [code: number, value: Uint8Array])[];

/** Sub-options of options 43 (RFC 2132 section 8.4), 82 (RFC 3046) and 175. In option 82, 0 and 255 are no pad and end. */
export const subOptionsOf = ({ isPadded }: { readonly isPadded: boolean }): OptionFormat<SubOptions> => ({
  decode: (value) => {
    const found: (readonly [number, Uint8Array])[] = [];
    for (let at = 0; at < value.length; ) {
      const code = value[at] ?? 0;
      if (isPadded && code === 255) break;
      if (isPadded && code === 0) {
        at += 1;
        continue;
      }
      const length = value[at + 1];
      if (length === undefined || at + 2 + length > value.length) return undefined;
      found.push([code, value.subarray(at + 2, at + 2 + length)]);
      at += 2 + length;
    }
    return found;
  },
  encode: (value) =>
    Uint8Array.from([...value.flatMap(([code, part]) => [code, part.length, ...part]), ...(isPadded ? [255] : [])]),
});
