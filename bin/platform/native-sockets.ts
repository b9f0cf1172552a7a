import { isIPv4 } from 'node:net';
import { endianness } from 'node:os';
import type { Endpoint } from '../../core/ports.ts';

/** Of Linux (asm-generic), the only system where these sockets are made. */
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_BINDTODEVICE = 25;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;
const MSG_DONTWAIT = 0x40;

/** What Node's own sockets cannot do: hear one interface only, and take or send many datagrams with one call. */
export interface NativeSockets {
  /** The descriptor of a bound UDP socket; throws a system error with its code. */
  open(options: NativeUdpOptions): number;
  /** From now on a longer send on this socket leaves as datagrams of this many bytes (UDP_SEGMENT); false where that is not known. */
  segment(descriptor: number, segmentBytes: number): boolean;
  /** Whether all of it left. */
  send(descriptor: number, bytes: Uint8Array, to: Uint8Array): boolean;
  /** Calls on arrays of `struct mmsghdr`, of which a 64-bit machine with its low byte first is known; absent on others. */
  readonly batches?: NativeBatches;
}

export interface NativeBatches {
  /** How many came, at most `count`; 0 or less when none waits. */
  receiveMany(descriptor: number, headers: Uint8Array, count: number): number;
  /** How many left, from the first on; 0 or less when none did. */
  sendMany(descriptor: number, headers: Uint8Array, count: number): number;
  /** Where the bytes are; they stay there as long as they are referred to. */
  addressOf(bytes: Uint8Array): bigint;
}

export interface NativeUdpOptions extends Endpoint {
  readonly shared: boolean;
  /** Hear only this interface. */
  readonly device?: string | undefined;
}

let loading: Promise<NativeSockets | undefined> | undefined;

/**
 * These sockets by way of koffi, an optional dependency; `undefined` where it is not installed, has no binary for this
 * machine, the system is not Linux, or the environment says RACKWRIGHT_NATIVE_SOCKETS=no. Everything works without.
 */
export function nativeSockets(): Promise<NativeSockets | undefined> {
  loading ??= load().catch(() => undefined);
  return loading;
}

async function load(): Promise<NativeSockets | undefined> {
  if (process.platform !== 'linux' || process.env['RACKWRIGHT_NATIVE_SOCKETS'] === 'no') return undefined;
  const { default: koffi } = await import('koffi');
  const libc = koffi.load(null);
  const socket = libc.func('int socket(int domain, int type, int protocol)') as Call<[number, number, number]>;
  const bind = libc.func('int bind(int fd, const void *address, uint32_t size)') as Call<[number, Uint8Array, number]>;
  const close = libc.func('int close(int fd)') as Call<[number]>;
  const setOption = libc.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t size)') as Call<
    [number, number, number, Uint8Array, number]
  >;
  const sendTo = libc.func(
    'int64_t sendto(int fd, const void *bytes, uint64_t size, int flags, const void *address, uint32_t addressSize)',
  ) as Call<[number, Uint8Array, number, number, Uint8Array, number]>;
  const codes = new Map(Object.entries(koffi.os.errno).map(([code, number]) => [number, code]));
  const check = (result: number, what: string) => {
    if (result >= 0) return result;
    const code = codes.get(koffi.errno()) ?? 'EIO';
    throw Object.assign(new Error(`${what} ${code}`), { code });
  };

  return {
    open: ({ address, port, shared, device }) => {
      const descriptor = check(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'socket');
      try {
        if (shared) check(setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, int32(1), 4), 'setsockopt');
        if (device !== undefined) {
          const name = Buffer.from(`${device}\0`);
          check(setOption(descriptor, SOL_SOCKET, SO_BINDTODEVICE, name, name.length), 'setsockopt');
        }
        const at = socketAddress({ address, port });
        check(bind(descriptor, at, at.length), 'bind');
        return descriptor;
      } catch (thrown) {
        close(descriptor);
        throw thrown;
      }
    },
    segment: (descriptor, segmentBytes) => setOption(descriptor, SOL_UDP, UDP_SEGMENT, int32(segmentBytes), 4) === 0,
    send: (descriptor, bytes, to) =>
      sendTo(descriptor, bytes, bytes.length, MSG_DONTWAIT, to, to.length) === bytes.length,
    ...(hasKnownLayout ? { batches: batchesOf(koffi, libc) } : {}),
  };
}

const hasKnownLayout = endianness() === 'LE' && ['x64', 'arm64'].includes(process.arch);

function batchesOf({ address }: Pick<Koffi, 'address'>, libc: ReturnType<Koffi['load']>): NativeBatches {
  const receive = libc.func(
    'int recvmmsg(int fd, void *headers, unsigned int count, int flags, void *timeout)',
  ) as Call<[number, Uint8Array, number, number, null]>;
  const send = libc.func('int sendmmsg(int fd, void *headers, unsigned int count, int flags)') as Call<
    [number, Uint8Array, number, number]
  >;
  return {
    receiveMany: (descriptor, headers, count) => receive(descriptor, headers, count, MSG_DONTWAIT, null),
    sendMany: (descriptor, headers, count) => send(descriptor, headers, count, MSG_DONTWAIT),
    addressOf: (bytes) => address(bytes),
  };
}

type Koffi = typeof import('koffi').default;
type Call<Arguments extends unknown[]> = (...args: Arguments) => number;

/** A sockaddr_in: the family in the byte order of the machine, the port and the address in that of the network. */
export function socketAddress({ address, port }: Endpoint): Uint8Array {
  const bytes = Buffer.alloc(16);
  bytes[new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1] = AF_INET;
  bytes.writeUInt16BE(port, 2);
  if (isIPv4(address)) bytes.set(address.split('.').map(Number), 4);
  return bytes;
}

const int32 = (value: number) => new Uint8Array(Int32Array.of(value).buffer);
