import { z } from 'zod';
import { parseIpv4, parseIpv4Subnet } from '../ipv4.ts';
import { parseMac } from '../mac-address.ts';

/** The forms of single values of the rack file, each with the sentence that says what is allowed. */

export const ipv4 = z
  .string()
  .refine((text) => parseIpv4(text) !== undefined, { error: 'must be an IPv4 address such as 10.0.0.11' });

export const subnet = z
  .string()
  .refine((text) => parseIpv4Subnet(text) !== undefined, { error: 'must be an IPv4 subnet such as 10.0.0.0/24' });

/** An address together with its subnet. */
export const interfaceAddress = z.string().refine((text) => parseIpv4Subnet(text) !== undefined, {
  error: 'must be an IPv4 address with its prefix length, such as 10.30.0.11/24',
});

/** First and last address, both included. */
export const addressRange = z.string().refine((text) => parseAddressRange(text) !== undefined, {
  error: 'must be a range of IPv4 addresses such as 10.0.0.50-10.0.0.69, the first not above the last',
});

export const mac = z
  .string()
  .transform((text) => parseMac(text) ?? text)
  .refine((text) => parseMac(text) !== undefined, { error: 'must be a MAC address such as 52:54:00:12:34:56' })
  .transform((text) => text as NonNullable<ReturnType<typeof parseMac>>);

export const uuid = z
  .string()
  .toLowerCase()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, { error: 'must be an SMBIOS UUID such as 4c4c4544-…' });

export const dnsLabel = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, {
  error: 'must be a DNS label: a-z, 0-9 and -, at most 63 characters',
});

export const port = z.int().min(1).max(65535);

/** Kernel names of network links hold at most 15 characters. */
export const linkName = z.string().regex(/^[A-Za-z0-9_.-]{1,15}$/, {
  error: 'must be the name of a network link: letters, digits and _ . -, at most 15 characters',
});

/** The addresses of a range, as numbers; `undefined` when the text is none, or too long a one to be meant. */
export function parseAddressRange(text: string): { readonly first: number; readonly last: number } | undefined {
  const [from = '', to = '', ...rest] = text.split('-').map((part) => part.trim());
  const [first, last] = [parseIpv4(from), parseIpv4(to)];
  if (first === undefined || last === undefined || rest.length > 0) return undefined;
  return last < first || last - first >= mostAddresses ? undefined : { first, last };
}

const mostAddresses = 65_536;
