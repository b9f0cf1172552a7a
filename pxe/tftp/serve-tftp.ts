import type { Emit } from '../../core/event.ts';
import { faultFrom } from '../../core/fault.ts';
import type { Clock, Endpoint, Files, Network, ReadableFile, UdpSocket } from '../../core/ports.ts';
import { decodeTftp } from './decode-tftp.ts';
import { encodeTftp } from './encode-tftp.ts';
import { parseFileName } from './parse-file-name.ts';
import { type ReadRequest, tftpError } from './tftp-packet.ts';
import { TftpTransfer, type TransferEnd } from './tftp-transfer.ts';

/** Transfers at the same time. A request beyond is not answered: the client asks again when others have finished. */
const mostTransfers = 512;
const mostTransfersOfOneAddress = 8;

export interface TftpService {
  readonly local: Endpoint;
  /** Ends all transfers; resolves when their ports are free. */
  close(): Promise<void>;
}

export interface TftpServiceOptions {
  readonly network: Network;
  readonly files: Files;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly at: Endpoint;
  /** The path of the file that may be sent under this name now; `undefined` for all others. */
  readonly pathOf: (name: string) => string | undefined;
}

interface Session {
  readonly key: string;
  readonly client: Endpoint;
  readonly request: ReadRequest;
  readonly stop: AbortController;
  /** Resolves when its port and file are closed. */
  over: Promise<void>;
}

/**
 * Read-only TFTP (RFC 1350). Each transfer has a port of its own, its transfer identifier. A read request that repeats
 * one under way joins it: a client that did not hear us in time must not be served twice.
 */
export async function serveTftp(options: TftpServiceOptions): Promise<TftpService> {
  const { network, emit, at } = options;
  const sessions = new Map<string, Session>();

  const socket = await network.openUdp({
    ...at,
    onMessage: (bytes, from) => {
      const packet = decodeTftp(bytes);
      const refuse = (code: number, message: string) => socket.send(encodeTftp({ kind: 'error', code, message }), from);
      switch (packet.kind) {
        case 'malformed':
          emit({ type: 'packet.dropped', from: from.address, reason: packet.reason });
          return;
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
          refuse(tftpError.unknownTransfer, 'transfers have a port of their own');
      }
    },
  });

  const admit = (client: Endpoint, request: ReadRequest, name: string, path: string): void => {
    const key = `${client.address}:${client.port}`;
    const known = sessions.get(key);
    if (known !== undefined) {
      if (isSameRequest(known.request, request)) return;
      known.stop.abort();
    }
    const ofAddress = sessions.values().filter((session) => session.client.address === client.address);
    if (sessions.size >= mostTransfers || [...ofAddress].length >= mostTransfersOfOneAddress) return;
    const session: Session = { key, client, request, stop: new AbortController(), over: Promise.resolve() };
    sessions.set(key, session);
    session.over = transfer(options, session, path)
      .then((end) => {
        if (end === undefined || end.outcome === 'probe') return;
        const isComplete = end.outcome === 'complete';
        emit({
          type: 'file.served',
          address: client.address,
          file: name,
          protocol: 'tftp',
          bytes: end.sentBytes,
          complete: isComplete,
        });
      })
      .finally(() => {
        if (sessions.get(key) === session) sessions.delete(key);
      });
  };

  return {
    local: socket.local,
    close: async () => {
      await socket.close();
      const open = [...sessions.values()];
      for (const session of open) session.stop.abort();
      await Promise.all(open.map((session) => session.over));
    },
  };
}

/** Sends one file from a port of its own; `undefined` when it could not be begun, and then the client knows. */
async function transfer(options: TftpServiceOptions, session: Session, path: string): Promise<TransferEnd | undefined> {
  const { client, request } = session;
  let running: TftpTransfer | undefined;
  let file: ReadableFile | undefined;
  let socket: UdpSocket | undefined;
  try {
    socket = await options.network.openUdp({
      address: options.at.address,
      port: 0,
      onMessage: (bytes, from) => {
        if (from.address !== client.address || from.port !== client.port) {
          const message = 'this port belongs to another transfer';
          socket?.send(encodeTftp({ kind: 'error', code: tftpError.unknownTransfer, message }), from);
          return;
        }
        const packet = decodeTftp(bytes);
        if (packet.kind !== 'malformed') running?.onPacket(packet);
      },
    });
    const send = (bytes: Uint8Array) => socket?.send(bytes, client);
    file = await options.files.open(path);
    if (file === undefined) {
      send(encodeTftp({ kind: 'error', code: tftpError.fileNotFound, message: 'no such file' }));
      return undefined;
    }
    running = new TftpTransfer({ request, file, clock: options.clock, send });
    return await running.run(session.stop.signal);
  } catch (thrown) {
    const reason = `${request.file} cannot be sent: ${faultFrom(thrown).message}`;
    options.emit({ type: 'packet.dropped', from: client.address, reason });
    return undefined;
  } finally {
    await file?.close();
    await socket?.close();
  }
}

function isSameRequest(one: ReadRequest, other: ReadRequest): boolean {
  const textOf = ({ file, options }: ReadRequest) => JSON.stringify([file, ...options]);
  return textOf(one) === textOf(other);
}
