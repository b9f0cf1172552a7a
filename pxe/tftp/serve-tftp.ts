import type { Emit } from '../../core/event.ts';
import { faultFrom } from '../../core/fault.ts';
import { millis } from '../../core/millis.ts';
import type { Clock, Endpoint, Files, Network, ReadableFile, UdpSocket } from '../../core/ports.ts';
import { DeadlineWatch } from './deadline-watch.ts';
import { decodeTftp } from './decode-tftp.ts';
import { encodeTftp } from './encode-tftp.ts';
import { parseFileName } from './parse-file-name.ts';
import { type ReadRequest, type TftpPacket, tftpError } from './tftp-packet.ts';
import { createOutbox, TftpTransfer, type TransferEnd } from './tftp-transfer.ts';

/** Transfers at the same time. A request beyond is not answered: the client asks again when others have finished. */
export interface TransferCaps {
  readonly total: number;
  readonly ofOneAddress: number;
}

const defaultCaps: TransferCaps = { total: 2048, ofOneAddress: 8 };

export interface TftpService {
  readonly local: Endpoint;
  /** Ends all transfers; resolves when their ports are free. */
  close(): Promise<void>;
}

export interface TftpServiceOptions {
  readonly network: Network;
  readonly files: Pick<Files, 'open'>;
  readonly clock: Clock;
  readonly emit: Emit;
  /** `interface`: as `UdpOptions.interface`. `address` is what transfers are sent from. */
  readonly at: Endpoint & { readonly interface?: string };
  /** The path of the file that may be sent under this name now; `undefined` for all others. */
  readonly pathOf: (name: string) => string | undefined;
  /** Asked for each packet that reaches the port of the service. */
  readonly admits?: (from: Endpoint) => boolean;
  readonly caps?: TransferCaps;
  /** Of the link; 1468 bytes when left out. */
  readonly largestBlockBytes?: number | undefined;
  /** All transfers leave from the port of the service: for clients behind NAT, or a Kubernetes Service. */
  readonly singlePort?: boolean;
}

/** What one server's transfers share. */
interface Shared extends TftpServiceOptions {
  readonly watch: DeadlineWatch;
  readonly outbox: Uint8Array;
}

interface Session {
  readonly client: Endpoint;
  readonly request: ReadRequest;
  readonly stop: AbortController;
  /** Absent until the file is open. */
  running?: TftpTransfer;
  /** Resolves when its port and file are closed. */
  over: Promise<void>;
}

/** Where a session sends from. */
interface Outlet {
  readonly socket: Pick<UdpSocket, 'send' | 'sendSegments'>;
  close(): Promise<void>;
}

/**
 * Read-only TFTP (RFC 1350). Each transfer has a port of its own, its transfer identifier. A read request that repeats
 * one under way joins it: a client that did not hear us in time must not be served twice.
 */
export async function serveTftp(options: TftpServiceOptions): Promise<TftpService> {
  const { network, emit, at, caps = defaultCaps, singlePort = false } = options;
  const shared: Shared = { ...options, watch: new DeadlineWatch(options.clock), outbox: createOutbox() };
  const sessions = new Map<string, Session>();
  const countOf = new Map<string, number>();

  const socket = await network.openUdp({
    ...at,
    onMessage: (bytes, from) => {
      const session = singlePort ? sessions.get(keyOf(from)) : undefined;
      const packet = decodeTftp(bytes);
      if (session !== undefined && (packet.kind === 'ack' || packet.kind === 'error')) {
        session.running?.onPacket(packet);
        return;
      }
      if (options.admits?.(from) === false) return;
      if (packet.kind === 'malformed') emit({ type: 'packet.dropped', from: from.address, reason: packet.reason });
      else onRequest(packet, from);
    },
  });

  const onRequest = (packet: TftpPacket, from: Endpoint): void => {
    const refuse = (code: number, message: string) => socket.send(encodeTftp({ kind: 'error', code, message }), from);
    switch (packet.kind) {
      case 'read': {
        if (packet.mode !== 'octet') {
          refuse(tftpError.undefined, `mode ${packet.mode} is not served; use octet (binary)`);
          return;
        }
        const name = parseFileName(packet.file);
        if (name === undefined) {
          refuse(tftpError.accessViolation, 'no such place');
          return;
        }
        const path = options.pathOf(name);
        if (path === undefined) {
          refuse(tftpError.fileNotFound, 'no such file');
          return;
        }
        admit(from, packet, name, path);
        return;
      }
      case 'write':
        refuse(tftpError.accessViolation, 'this server is read-only');
        return;
      case 'error':
        return;
      default:
        refuse(tftpError.unknownTransfer, singlePort ? 'no such transfer' : 'transfers have a port of their own');
    }
  };

  const admit = (client: Endpoint, request: ReadRequest, name: string, path: string): void => {
    const key = keyOf(client);
    const known = sessions.get(key);
    if (known !== undefined) {
      if (isSameRequest(known.request, request)) {
        known.running?.onRepeatedRequest();
        return;
      }
      known.stop.abort();
    }
    const ofAddress = countOf.get(client.address) ?? 0;
    if (sessions.size >= caps.total || ofAddress >= caps.ofOneAddress) return;
    const session: Session = { client, request, stop: new AbortController(), over: Promise.resolve() };
    sessions.set(key, session);
    countOf.set(client.address, ofAddress + 1);
    session.over = transfer(shared, session, path, singlePort ? outletOf(socket) : undefined)
      .then((end) => {
        if (end !== undefined && end.outcome !== 'probe') emit(servedEvent(client, name, end));
      })
      .finally(() => {
        const left = (countOf.get(client.address) ?? 1) - 1;
        if (left === 0) countOf.delete(client.address);
        else countOf.set(client.address, left);
        if (sessions.get(key) === session) sessions.delete(key);
      });
  };

  return {
    local: socket.local,
    close: async () => {
      const open = [...sessions.values()];
      for (const session of open) session.stop.abort();
      await Promise.all(open.map((session) => session.over));
      await socket.close();
    },
  };
}

/** Sends one file; `undefined` when it could not be begun, and then the client knows. */
async function transfer(
  options: Shared,
  session: Session,
  path: string,
  given: Outlet | undefined,
): Promise<TransferEnd | undefined> {
  const { client, request } = session;
  let file: ReadableFile | undefined;
  let outlet = given;
  try {
    outlet ??= await openOutlet(options, session);
    const { socket } = outlet;
    const send = (bytes: Uint8Array) => socket.send(bytes, client);
    file = await options.files.open(path);
    if (file === undefined) {
      send(encodeTftp({ kind: 'error', code: tftpError.fileNotFound, message: 'no such file' }));
      return undefined;
    }
    const sendSegments = (bytes: Uint8Array, segmentBytes: number) => socket.sendSegments(bytes, segmentBytes, client);
    const name = parseFileName(request.file) ?? request.file;
    const about = { address: client.address, file: name, protocol: 'tftp', bytes: file.sizeBytes } as const;
    const onBegun = () => options.emit({ type: 'file.started', ...about });
    session.running = new TftpTransfer({ ...options, request, file, send, sendSegments, onBegun });
    const end = await session.running.run(session.stop.signal);
    if (end.outcome === 'probe') options.emit({ type: 'file.probed', ...about });
    return end;
  } catch (thrown) {
    const reason = `${request.file} cannot be sent: ${faultFrom(thrown).message}`;
    options.emit({ type: 'packet.dropped', from: client.address, reason });
    return undefined;
  } finally {
    await outlet?.close();
    // It may wait for a slow disk, to read what nobody wants any more; the client may ask anew meanwhile.
    file?.close().catch(() => undefined);
  }
}

/** A port of its own for a session; strangers who send there are told that it is not theirs. */
async function openOutlet({ network, at }: Shared, session: Session): Promise<Outlet> {
  const { client } = session;
  const socket: UdpSocket = await network.openUdp({
    address: at.address,
    port: 0,
    onMessage: (bytes, from) => {
      if (from.address !== client.address || from.port !== client.port) {
        const message = 'this port belongs to another transfer';
        socket.send(encodeTftp({ kind: 'error', code: tftpError.unknownTransfer, message }), from);
        return;
      }
      const packet = decodeTftp(bytes);
      if (packet.kind !== 'malformed') session.running?.onPacket(packet);
    },
  });
  return { socket, close: () => socket.close() };
}

/** The socket of the service, which stays open. */
const outletOf = (socket: UdpSocket): Outlet => ({ socket, close: async () => undefined });

function servedEvent(client: Endpoint, name: string, end: TransferEnd): Parameters<Emit>[0] {
  const { terms, duration } = end;
  return {
    type: 'file.served',
    address: client.address,
    file: name,
    protocol: 'tftp',
    bytes: end.sentBytes,
    complete: end.outcome === 'complete',
    durationMillis: millis(Math.round(duration)),
    tftp: {
      blockSize: terms.blockSize,
      windowSize: terms.windowSize,
      resentBlocks: end.resentBlocks,
      options: Object.fromEntries(terms.accepted),
    },
  };
}

const keyOf = ({ address, port }: Endpoint) => `${address}:${port}`;

function isSameRequest(one: ReadRequest, other: ReadRequest): boolean {
  const textOf = ({ file, options }: ReadRequest) => JSON.stringify([file, ...options]);
  return textOf(one) === textOf(other);
}
