import { resolve } from 'node:path';
import { Argument, InvalidArgumentError, Option } from 'commander';
import type { ExitCode } from '../core/fault.ts';
import { defineFault } from '../core/fault.ts';
import { parseIpv4, parseIpv4Subnet, subnetContains } from '../core/ipv4.ts';
import { type DhcpServerKind, dhcpServerKinds, findLoaders, loaderNames, printDhcp } from '../pxe/index.ts';
import { answer } from './answer.ts';
import type { AddCommand } from './cli.ts';
import { readRackPlace } from './read-rack-place.ts';
import type { World } from './world.ts';

interface PrintFlags {
  readonly for: DhcpServerKind;
  readonly server?: string;
  readonly httpPort?: number;
  readonly arch?: readonly Architecture[];
  readonly ipxe?: boolean;
}

const architectures = ['amd64', 'arm64'] as const;
type Architecture = (typeof architectures)[number];

const serverUnknown = defineFault<{ why: string }>('bin/boot-server-unknown', {
  kind: 'operator',
  exitCode: 4,
  title: ({ why }) => `The address of the boot server is not known: ${why}`,
  state: () => 'Nothing was printed.',
  remedy: () => 'Give it with --server ADDRESS, or run this where Rackwright will run.',
});

const noIpxe = defineFault<{ missing: readonly string[] }>('bin/no-ipxe-to-print', {
  kind: 'operator',
  exitCode: 4,
  title: ({ missing }) => `boot.through is ipxe, and there is no iPXE to hand out: ${missing.join(', ')}`,
  state: () => 'Nothing was printed.',
  remedy: () =>
    'Install Debian’s package ipxe, or name a directory with iPXE as boot.ipxe in the rack file, and leave --no-ipxe out; give --ipxe where only the boot server has it; or choose another boot.through.',
});

/** `rackwright dhcp print`: the options with which another DHCP server hands out our boot files. */
export const addDhcpCommand: AddCommand = (program, { world, end }) => {
  program
    .command('dhcp')
    .description('For networks whose own DHCP server is to hand out the boot files.')
    .command('print')
    .description('Prints the options for another DHCP server: the same that Rackwright would send itself.')
    .addArgument(new Argument('[rack-file]', 'the rack file; without it, give --server and --arch'))
    .addOption(
      new Option('--for <server>', 'in the language of which server').choices(dhcpServerKinds).makeOptionMandatory(),
    )
    .option('--server <address>', 'address of the boot server', parseAddress)
    .option('--http-port <port>', 'port of its HTTP service; 8080 when nothing says otherwise', parsePort)
    .option('--arch <list>', 'amd64, arm64 or both with a comma: for which there is a UKI', parseArchitectures)
    .option('--ipxe', 'also for BIOS and iPXE, as if every iPXE were found on the boot server')
    .option('--no-ipxe', 'nothing for BIOS and iPXE, even when iPXE is found on this machine')
    .action(async (rackFile: string | undefined, flags: PrintFlags) => {
      end(
        await answer(world, async (): Promise<ExitCode> => {
          world.out.write(await printed(rackFile, flags, world));
          return 0;
        }),
      );
    });
};

async function printed(rackPath: string | undefined, flags: PrintFlags, world: World): Promise<string> {
  const place = rackPath === undefined ? undefined : await readRackPlace(rackPath, {}, world);
  const spec = place?.rackFile.spec;
  const server = flags.server ?? ownAddress(spec?.network, world);
  const port = flags.httpPort ?? spec?.boot.ports.http ?? 8080;
  const boot = spec?.boot;
  const kept = boot?.assets?.architectures ?? architectures.filter((one) => !boot || boot.uki[one] !== undefined);
  const named = flags.arch ?? kept;
  const own = place && boot?.ipxe !== undefined ? resolve(place.directory, boot.ipxe) : undefined;
  const loaders = await loadersOf(flags, own, world);
  const through = boot?.through === 'auto' ? undefined : boot?.through;
  if (through === 'ipxe') checkLoaders(loaders, named, world);
  const offers = {
    ukis: Object.fromEntries(named.map((one) => [one, 'the UKI'])),
    kernels: loaders.length === 0 ? [] : named,
    loaders,
    httpOrigin: `http://${server}:${port}`,
  };
  return printDhcp(flags.for, offers, server, through);
}

async function loadersOf({ ipxe }: PrintFlags, own: string | undefined, world: World): Promise<readonly string[]> {
  if (ipxe !== undefined) return ipxe ? loaderNames() : [];
  return (await findLoaders(world.files, own)).map(({ name }) => name);
}

/** Where iPXE is the only way, machines whose iPXE is missing are left out: of all that is a fault, of some it is said. */
function checkLoaders(loaders: readonly string[], of: readonly Architecture[], { err }: World): void {
  const needed = loaderNames({ architectures: of });
  const missing = needed.filter((name) => !loaders.includes(name));
  if (missing.length === needed.length) throw noIpxe({ missing });
  if (missing.length > 0)
    err.write(
      `Left out: machines that need ${missing.join(', ')}, which was not found. Give --ipxe where the boot server has it.\n`,
    );
}

function ownAddress(network: { interface: string; subnet: string } | undefined, world: World): string {
  if (network === undefined) throw serverUnknown({ why: 'no rack file was given' });
  const subnet = parseIpv4Subnet(network.subnet);
  const own = world.network
    .interfaces()
    .find(({ name }) => name === network.interface)
    ?.ipv4.find(({ address }) => subnet !== undefined && subnetContains(subnet, parseIpv4(address) ?? 0));
  if (own === undefined) {
    throw serverUnknown({ why: `this machine has no address in ${network.subnet} on ${network.interface}` });
  }
  return own.address;
}

function parseAddress(text: string): string {
  if (parseIpv4(text) === undefined) throw new InvalidArgumentError('must be an IPv4 address');
  return text;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError('must be a port');
  return port;
}

function parseArchitectures(text: string): readonly Architecture[] {
  const named = text.split(',').map((one) => architectures.find((known) => known === one.trim()));
  return named.map((one) => {
    if (one === undefined) throw new InvalidArgumentError('must be amd64, arm64 or amd64,arm64');
    return one;
  });
}
