import { optionValue } from '../dhcp/option-table.ts';
import type { BootClass } from './boot-class.ts';

/** The boot file by the name that option 67 gives it, without the NUL behind it. */
export const bootFileOf = ({ options }: BootClass): string => optionValue(new Map(options), 'bootFileName') ?? '';

/** `060108ff`, or with something between the octets. */
export const hexOf = (bytes: Uint8Array, separator = ''): string =>
  Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join(separator);

/** An architecture as the two octets that stand in option 93: `0007`. */
export const architectureHex = (type: number): string => type.toString(16).padStart(4, '0');
