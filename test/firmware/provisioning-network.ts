import { runCommand } from './run-command.ts';
import { RunningProgram } from './running-program.ts';

/** Where the boot server listens. */
export const serverAddress = '10.98.0.1';
const dhcpServerAddress = '10.98.0.2';

/** What the network's own DHCP server says beside the addresses that it gives. */
export const lans = {
  silent: { words: 'gives addresses and says nothing of booting', options: [] },
  'option-60': {
    words: 'sends option 60 `PXEClient` and no boot file',
    options: ['--dhcp-option-force=60,PXEClient'],
  },
  stale: {
    words: 'sends options 66 and 67 of a boot server that is long gone',
    options: ['--dhcp-option-force=66,10.98.0.66', '--dhcp-option-force=67,stale.efi'],
  },
  none: { words: 'is not there: Rackwright is the only one', options: [] },
} as const;

export type Lan = keyof typeof lans;

/** The address that the DHCP server gives to every machine, so that runs can be compared. */
export const machineAddress = '10.98.0.50';
/** The address that firmware gets where it gets one from us. */
export const ownAddress = '10.98.0.60';

/**
 * A provisioning network of its own: in one network namespace a bridge with the boot server's address and a tap for one
 * machine, in a second one another host on that bridge: dnsmasq as the LAN's DHCP server.
 */
export class ProvisioningNetwork {
  readonly #boot: string;
  readonly #dhcp: string;
  readonly #namespaces: string[] = [];
  readonly #programs: RunningProgram[] = [];

  constructor(name: string) {
    this.#boot = `${name}-boot`;
    this.#dhcp = `${name}-dhcp`;
  }

  async open(): Promise<void> {
    for (const namespace of [this.#boot, this.#dhcp]) {
      await runCommand('ip', ['netns', 'add', namespace]);
      this.#namespaces.push(namespace);
    }
    await this.#ip(this.#boot, [
      'link set lo up',
      'link add br0 type bridge',
      `address add ${serverAddress}/24 dev br0`,
      'link set br0 up',
      'tuntap add dev tap0 mode tap',
      'link set tap0 master br0 up',
      `link add lan0 type veth peer name eth0 netns ${this.#dhcp}`,
      'link set lan0 master br0 up',
    ]);
    await this.#ip(this.#dhcp, [`address add ${dhcpServerAddress}/24 dev eth0`, 'link set eth0 up']);
  }

  /** Starts a program beside the bridge; it is ended with the network at the latest. */
  start(program: string, args: readonly string[]): RunningProgram {
    return this.#start(this.#boot, program, args);
  }

  async startDhcpServer(lan: Lan): Promise<void> {
    if (lan === 'none') return;
    const dnsmasq = this.#start(this.#dhcp, 'dnsmasq', [
      ...[
        '--keep-in-foreground',
        '--conf-file=/dev/null',
        '--user=root',
        '--group=root',
        '--pid-file=',
        '--log-facility=-',
      ],
      ...['--port=0', '--interface=eth0', '--bind-interfaces', '--no-ping', '--dhcp-authoritative', '--leasefile-ro'],
      `--dhcp-range=${machineAddress},${machineAddress},255.255.255.0,1h`,
      ...lans[lan].options,
    ]);
    await dnsmasq.until('dnsmasq serves', 10_000, (printed) => printed.includes('DHCP, IP range') || undefined);
  }

  /** Ends every program, then takes the namespaces away with all that is in them. */
  async close(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.stop()));
    for (const namespace of this.#namespaces.splice(0)) await runCommand('ip', ['netns', 'delete', namespace]);
  }

  /** The kernel ends the program should the test be killed. */
  #start(namespace: string, program: string, args: readonly string[]): RunningProgram {
    const inside = ['ip', 'netns', 'exec', namespace, program, ...args];
    const running = new RunningProgram('setpriv', ['--pdeathsig', 'KILL', ...inside]);
    this.#programs.push(running);
    return running;
  }

  async #ip(namespace: string, commands: readonly string[]): Promise<void> {
    for (const command of commands) await runCommand('ip', ['-n', namespace, ...command.split(' ')]);
  }
}
