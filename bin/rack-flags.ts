import { type Command, InvalidArgumentError } from 'commander';
import { parseIpv4 } from '../core/ipv4.ts';
import type { Millis } from '../core/millis.ts';
import type { Endpoint } from '../core/ports.ts';
import { collect, parseMinutes } from './parse-options.ts';

/** Where machines are looked for, beside those that boot. */
export interface SearchFlags {
  readonly scan?: readonly string[];
  readonly confirmScan?: readonly string[];
  readonly address?: readonly string[];
}

/** How machines that boot are answered. */
export interface ServeFlags {
  readonly discover?: Millis;
  readonly allowInterface?: readonly string[];
  readonly metrics?: Endpoint;
}

export const searching = (command: Command): Command =>
  command
    .option('--scan <cidr>', 'look for machines at every address of a subnet (repeatable)', collect)
    .option('--confirm-scan <cidr>', 'the same subnet again, for one that is public or large (repeatable)', collect)
    .option('--address <address>', 'look for a machine at an address (repeatable)', collectAddress);

export const serving = (command: Command): Command =>
  command
    .option('--discover <minutes>', 'let machines boot that are not in the rack file, for so long', parseMinutes)
    .option(
      '--allow-interface <name>',
      'serve it although it is wireless or has the default route (repeatable)',
      collect,
    )
    .option('--metrics <address:port>', 'serve Prometheus metrics there, such as 127.0.0.1:9464', parseEndpoint);

function collectAddress(value: string, values: readonly string[] = []): readonly string[] {
  if (parseIpv4(value) === undefined) throw new InvalidArgumentError('must be an IPv4 address such as 10.0.0.51');
  return collect(value, values);
}

function parseEndpoint(text: string): Endpoint {
  const [address = '', digits = '', ...rest] = text.split(':');
  const port = Number(digits);
  const isPort = /^\d+$/.test(digits) && port <= 65_535;
  if (parseIpv4(address) === undefined || !isPort || rest.length > 0)
    throw new InvalidArgumentError('must be an IPv4 address and a port such as 127.0.0.1:9464');
  return { address, port };
}
