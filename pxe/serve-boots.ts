import type { Emit } from '../core/event.ts';
import { type Millis, minutes } from '../core/millis.ts';
import type { Clock, Files, HttpRequest, Listener, Network } from '../core/ports.ts';
import type { Fact } from '../core/rack.ts';
import { answerHttp } from './answer-http.ts';
import { type BootFile, bootFilesNamed, type CommandLines, type Transport, type Ukis } from './boot-file.ts';
import { BootRegister } from './boot-register.ts';
import { type BootShelf, type Loaders, stockShelf } from './boot-shelf.ts';
import { checkInterface } from './check-interface.ts';
import type { BootIntent } from './decide-boot.ts';
import { type DhcpMode, serveDhcp } from './dhcp-server/serve-dhcp.ts';
import { dhcpSockets } from './dhcp-sockets.ts';
import { FileCache } from './file-cache.ts';
import { createFloodGate, defaultFloodLimits, type FloodLimits, tellFewDrops } from './flood-limits.ts';
import type { ConfigUrls } from './http/config-urls.ts';
import type { BootClient } from './identify-client.ts';
import { largestBlockOf } from './tftp/negotiate-options.ts';
import { serveTftp, type TransferCaps } from './tftp/serve-tftp.ts';

/** 67, 4011, 69 and any port for HTTP on a real network; 0 lets the system choose. */
export interface BootPorts {
  readonly dhcp: number;
  readonly proxyDhcp: number;
  readonly tftp: number;
  readonly http: number;
}

/** Where machines are answered, such as a network card or a VLAN (`eth1.40`) of it. */
export interface BootInterface {
  readonly name: string;
  /** Its address: what replies name and leave from, and all that is bound without the help of a service manager. */
  readonly address: string;
  /** Proxy when left out. */
  readonly dhcp?: DhcpMode;
}

export interface BootServiceOptions {
  readonly network: Network;
  readonly files: Files;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Told every boot client and every address that a machine takes. */
  readonly observe: (fact: Fact) => void;
  readonly interfaces: readonly [BootInterface, ...BootInterface[]];
  /** Interfaces that are served although they are wireless or have the default route. */
  readonly allowInterfaces?: readonly string[];
  readonly ports: BootPorts;
  readonly ukis: Ukis;
  /** Kernel command lines as the factory gives them, for those who get kernel and initrd apart. */
  readonly commandLines?: CommandLines;
  /** Network loaders that were found (pxe/ipxe): path by name. */
  readonly loaders?: Loaders;
  /** Asked for each packet and each file request; must be quick and may change its mind. */
  readonly intentOf: (client: BootClient) => BootIntent;
  /** Gives the configs of intents out below `/config/`; without it nobody gets one. */
  readonly configUrls?: ConfigUrls;
  readonly floodLimits?: FloodLimits;
  readonly transferCaps?: TransferCaps;
  /** TFTP from one port: for clients behind NAT, or a Kubernetes Service. */
  readonly singleTftpPort?: boolean;
}

export interface BootService {
  /** The ports that are open on the first interface, for one who asked for 0. */
  readonly ports: BootPorts;
  /** Ends all transfers; resolves when the ports are free. */
  close(): Promise<void>;
}

/** From the script to a Talos that asks for its config: kernel and initrd have to come over a slow link first. */
const bootTime: Millis = minutes(30);

interface Opened {
  close(): Promise<void>;
}

/**
 * Answers machines that power on: DHCP, TFTP and HTTP on each interface, and nowhere else. A machine gets the reply of the
 * interface that its question came by. Faults: `pxe/uki-missing`, `pxe/interface-refused`, `pxe/interfaces-indistinct`,
 * `platform/port-taken`, `platform/port-forbidden`.
 */
export async function serveBoots(options: BootServiceOptions): Promise<BootService> {
  const { network, clock, floodLimits = defaultFloodLimits, allowInterfaces = [] } = options;
  const known = network.interfaces();
  for (const { name } of options.interfaces) {
    const one = known.find((row) => row.name === name);
    if (one !== undefined) checkInterface(one, allowInterfaces);
  }
  const emit = tellFewDrops(options.emit, floodLimits.dropsTold, clock);
  const shelf = await stockShelf(new FileCache(options.files), options);
  const opened: Opened[] = [];
  const close = async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
  };
  try {
    const ports: BootPorts[] = [];
    for (const one of options.interfaces) {
      const mtuBytes = known.find((row) => row.name === one.name)?.mtuBytes;
      ports.push(await serveInterface(one, { ...options, emit, shelf, opened, floodLimits, mtuBytes }));
    }
    const [first] = ports;
    if (first === undefined) throw new RangeError('no interface to serve');
    return { ports: first, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function serveInterface(
  { name, address, dhcp: mode = { kind: 'proxy' } }: BootInterface,
  options: BootServiceOptions & {
    readonly shelf: BootShelf;
    readonly floodLimits: FloodLimits;
    readonly mtuBytes: number | undefined;
    /** Whatever is opened here is put in. */
    readonly opened: Opened[];
  },
): Promise<BootPorts> {
  const { network, clock, emit, observe, intentOf, shelf, configUrls, opened, ports } = options;
  const keep = <T extends Opened>(one: T): T => {
    opened.push(one);
    return one;
  };
  const gate = createFloodGate(options.floodLimits, clock, emit);
  let httpOrigin = '';
  const offers = {
    ...shelf.offers,
    get httpOrigin() {
      return httpOrigin;
    },
  };
  const machines = new BootRegister({ offers, emit, observe, intentOf });
  const wanted = (transport: Transport, file: string) =>
    bootFilesNamed(transport, file).find((row) => machines.isWanted(row));
  const filesOver = (transport: Transport, configUrlFor: (row: BootFile) => string | undefined = () => undefined) => ({
    pathOf: (file: string) => wanted(transport, file)?.name,
    files: {
      open: async (file: string) => {
        const row = wanted(transport, file);
        return row === undefined ? undefined : shelf.open(row, httpOrigin, configUrlFor(row));
      },
    },
  });

  /** Each script that leaves has a URL of its own, which that machine alone can use. */
  const configUrl = (row: BootFile, address: string): string | undefined => {
    const wish = row.kind === 'ipxe-script' && configUrls !== undefined ? machines.configAt(address) : undefined;
    if (wish === undefined || configUrls === undefined) return undefined;
    return `${httpOrigin}${configUrls.offer({ ...wish, validFor: bootTime })}`;
  };
  const answer = async (request: HttpRequest) =>
    configUrls?.answer(request, { emit, addressOf: (mac) => machines.addressOf(mac) }) ??
    answerHttp(request, { ...filesOver('http', (row) => configUrl(row, request.remoteAddress)), clock, emit });
  const http: Listener = keep(await network.serveHttp({ address, port: ports.http, interface: name }, answer));
  httpOrigin = `http://${address}:${http.local.port}`;

  const tftp = keep(
    await serveTftp({
      ...filesOver('tftp'),
      network,
      clock,
      emit,
      at: { address, port: ports.tftp, interface: name },
      admits: (from) => gate.tftp(from),
      ...(options.transferCaps === undefined ? {} : { caps: options.transferCaps }),
      singlePort: options.singleTftpPort ?? false,
      largestBlockBytes: options.mtuBytes === undefined ? undefined : largestBlockOf(options.mtuBytes),
    }),
  );
  const dhcp = keep(
    await serveDhcp({
      network: dhcpSockets({
        network,
        interfaceName: name,
        served: options.interfaces.map((one) => one.name),
        admits: (datagram, from) => gate.dhcp(datagram, from),
      }),
      serverAddress: address,
      mode,
      ports,
      emit,
      observe: (fact) => {
        observe(fact);
        if (fact.kind === 'address') machines.addressed(fact.mac, fact.address);
      },
      decide: (client) => machines.decide(client),
    }),
  );
  const open = { ...dhcp.ports, tftp: tftp.local.port, http: http.local.port };
  emit({
    type: 'boot.listening',
    interface: name,
    address,
    services: [`dhcp ${open.dhcp}`, `proxydhcp ${open.proxyDhcp}`, `tftp ${open.tftp}`, `http ${open.http}`],
  });
  return open;
}
