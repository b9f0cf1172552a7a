import { Argument, InvalidArgumentError, Option } from 'commander';
import type { ExitCode } from '../core/fault.ts';
import { defineFault } from '../core/fault.ts';
import { parseIpv4, parseIpv4Subnet, subnetContains } from '../core/ipv4.ts';
import { type DhcpServerKind, dhcpServerKinds, findLoaders, printDhcp } from '../pxe/index.ts';
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
    .option('--ipxe', 'also for BIOS and iPXE, as if iPXE were found on the boot server')
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
  const spec = rackPath === undefined ? undefined : (await readRackPlace(rackPath, {}, world)).rackFile.spec;
  const server = flags.server ?? ownAddress(spec?.network, world);
  const port = flags.httpPort ?? spec?.boot.ports.http ?? 8080;
  const boot = spec?.boot;
  const kept = boot?.assets?.architectures ?? architectures.filter((one) => !boot || boot.uki[one] !== undefined);
  const named = flags.arch ?? kept;
  const found = (await findLoaders(world.files)).map(({ name }) => name);
  const all = ['undionly.kpxe'];
  const loaders = flags.ipxe === false ? [] : flags.ipxe === true ? [...new Set([...found, ...all])] : found;
  const offers = {
    ukis: Object.fromEntries(named.map((one) => [one, 'the UKI'])),
    kernels: loaders.length === 0 ? [] : named,
    loaders,
    httpOrigin: `http://${server}:${port}`,
  };
  const through = boot?.through === 'auto' ? undefined : boot?.through;
  return printDhcp(flags.for, offers, server, through);
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
