import type { Emit } from '../core/event.ts';
import type { Clock, Endpoint, Files, Network, UdpSocket } from '../core/ports.ts';
import type { Fact } from '../core/rack.ts';
import { answerDhcp } from './answer-dhcp.ts';
import { answerHttp } from './answer-http.ts';
import { bootFileNamed, type Transport, type Ukis } from './boot-file.ts';
import { BootRegister } from './boot-register.ts';
import type { BootIntent } from './decide-boot.ts';
import type { BootClient, DhcpService } from './identify-client.ts';
import { ukiMissing } from './pxe-faults.ts';
import { serveTftp } from './tftp/serve-tftp.ts';

/** 67, 4011, 69 and any port for HTTP on a real network; 0 lets the system choose. */
export interface BootPorts {
  readonly dhcp: number;
  readonly proxyDhcp: number;
  readonly tftp: number;
  readonly http: number;
}

export interface BootServiceOptions {
  readonly network: Network;
  readonly files: Files;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Told every boot client and every address that a machine takes. */
  readonly observe: (fact: Fact) => void;
  /** Name of the interface, for people; `serverAddress` is its address, and all that is bound. */
  readonly interfaceName: string;
  readonly serverAddress: string;
  readonly ports: BootPorts;
  readonly ukis: Ukis;
  /** Asked for each packet and each file request; must be quick and may change its mind. */
  readonly intentOf: (client: BootClient) => BootIntent;
}

export interface BootService {
  /** The ports that are open, for one who asked for 0. */
  readonly ports: BootPorts;
  /** Ends all transfers; resolves when the ports are free. */
  close(): Promise<void>;
}

/**
 * Answers machines that power on, beside the network's own DHCP server: proxyDHCP, TFTP and HTTP on one address.
 * Two sockets have the DHCP port. The one bound to 255.255.255.255 hears broadcasts even where another DHCP server of this
 * host holds the port; the one bound to our address hears relays, and all replies leave by it, because a broadcast from
 * it takes the way of its interface. Faults: `pxe/uki-missing`, `platform/port-taken`, `platform/port-forbidden`.
 */
export async function serveBoots(options: BootServiceOptions): Promise<BootService> {
  const { network, files, clock, emit, observe, intentOf, serverAddress, ukis } = options;
  await checkUkis(files, ukis);
  const opened: { close(): Promise<void> }[] = [];
  const keep = async <T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> => {
    const one = await opening;
    opened.push(one);
    return one;
  };
  const close = async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
  };

  let register: BootRegister | undefined;
  const pathOf = (transport: Transport) => (name: string) => {
    const file = bootFileNamed(transport, name);
    return file !== undefined && register?.isWanted(file) ? ukis[file.source] : undefined;
  };

  try {
    const http = await keep(
      network.serveHttp({ address: serverAddress, port: options.ports.http }, (request) =>
        answerHttp(request, { files, emit, pathOf: pathOf('http') }),
      ),
    );
    const httpOrigin = `http://${serverAddress}:${http.local.port}`;
    const machines = new BootRegister({ offers: { ukis, httpOrigin }, emit, observe, intentOf });
    register = machines;

    const listen = async (service: DhcpService, address: string, port: number, replyFrom?: UdpSocket) => {
      let replies = replyFrom;
      const onMessage = (bytes: Uint8Array, from: Endpoint) => {
        const decide = (client: BootClient) => machines.decide(client);
        const reply = answerDhcp(bytes, from, service, { serverAddress, emit, observe, decide });
        if (reply !== undefined) replies?.send(reply.bytes, reply.to);
      };
      const shared = service === 'dhcp';
      const socket = await keep(network.openUdp({ address, port, shared, broadcast: true, onMessage }));
      replies ??= socket;
      return socket;
    };
    const at = { address: serverAddress, port: options.ports.tftp };
    const tftp = await keep(serveTftp({ network, files, clock, emit, at, pathOf: pathOf('tftp') }));
    const proxyDhcp = await listen('proxyDhcp', serverAddress, options.ports.proxyDhcp);
    const dhcp = await listen('dhcp', serverAddress, options.ports.dhcp);
    await listen('dhcp', '255.255.255.255', dhcp.local.port, dhcp);

    const ports = {
      dhcp: dhcp.local.port,
      proxyDhcp: proxyDhcp.local.port,
      tftp: tftp.local.port,
      http: http.local.port,
    };
    emit({
      type: 'boot.listening',
      interface: options.interfaceName,
      address: serverAddress,
      services: [`dhcp ${ports.dhcp}`, `proxydhcp ${ports.proxyDhcp}`, `tftp ${ports.tftp}`, `http ${ports.http}`],
    });
    return { ports, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function checkUkis(files: Files, ukis: Ukis): Promise<void> {
  for (const architecture of ['amd64', 'arm64'] as const) {
    const path = ukis[architecture];
    if (path === undefined) continue;
    const file = await files.open(path);
    if (file === undefined) throw ukiMissing({ architecture, path });
    await file.close();
  }
}
