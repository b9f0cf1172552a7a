import type { Millis } from './millis.ts';

/** The world as the rooms see it. A function asks for the ports that it uses, never for all. */

export interface Clock {
  /** Wall-clock time, for records that people read. */
  now(): Date;
  /** Time that only goes forward, for measuring spans. */
  monotonic(): Millis;
  /** Resolves after the span, or as soon as `signal` aborts; never rejects. */
  sleep(span: Millis, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  bytes(count: number): Uint8Array;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface UdpSocket {
  readonly local: Endpoint;
  /** It hears all that reaches its interface, broadcasts too, and nothing of other interfaces. */
  readonly isOfInterface?: boolean;
  /** `bytes` stay as they are until they have left. */
  send(bytes: Uint8Array, to: Endpoint): void;
  /** Datagrams of `segmentBytes` each, the last may be shorter, one behind the other in `bytes`, which may change afterwards. */
  sendSegments(bytes: Uint8Array, segmentBytes: number, to: Endpoint): void;
  /** Resolves when the port is free again. */
  close(): Promise<void>;
}

export interface UdpOptions {
  readonly address: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Lets another process hold the same port, as a DHCP server on the same host does. */
  readonly shared?: boolean;
  readonly broadcast?: boolean;
  /** Name of the interface that it serves: a socket that a service manager made for it and this port is taken over. */
  readonly interface?: string;
  /** Hear nothing of other interfaces, where the system lets this process ask for that; `isOfInterface` tells. */
  readonly onlyInterface?: boolean;
  /** Many datagrams come at the same time, and are answered: they are taken and sent together where the system can. */
  readonly inBursts?: boolean;
  onMessage(bytes: Uint8Array, from: Endpoint): void;
}

export interface HttpRequest {
  readonly method: string;
  /** The path as sent, with the query string. */
  readonly path: string;
  readonly remoteAddress: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  /** Called once: with the bytes that left, when the response is finished or the client went away. */
  onFinished?(sentBytes: number): void;
}

export interface Listener {
  readonly local: Endpoint;
  close(): Promise<void>;
}

export interface NetworkInterface {
  readonly name: string;
  /** The longest IP packet that leaves in one frame; absent where the system does not tell. */
  readonly mtuBytes?: number;
  readonly isWireless?: boolean;
  /** The way to everywhere else goes through it. */
  readonly hasDefaultRoute?: boolean;
  readonly ipv4: readonly { readonly address: string; readonly prefixLength: number }[];
}

export interface Network {
  interfaces(): readonly NetworkInterface[];
  /** Fault `platform/port-taken` names the holder; `platform/port-forbidden` names the privilege. */
  openUdp(options: UdpOptions): Promise<UdpSocket>;
  /** `interface`: as for UDP. */
  serveHttp(
    at: Endpoint & { readonly interface?: string },
    answer: (request: HttpRequest) => Promise<HttpResponse>,
  ): Promise<Listener>;
}

export interface ReadableFile {
  readonly sizeBytes: number;
  /** Another one when the content is another; absent for what has no file of its own. */
  readonly revision?: string;
  read(offsetBytes: number, lengthBytes: number): Promise<Uint8Array>;
  /** Chunks of the half-open byte range [start, end). */
  stream(startBytes: number, endBytes: number): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

export interface AppendableFile {
  /** On the disk when the promise resolves. */
  appendDurably(text: string): Promise<void>;
  close(): Promise<void>;
}

export interface Files {
  /** `undefined` when the file does not exist. */
  readText(path: string): Promise<string | undefined>;
  open(path: string): Promise<ReadableFile | undefined>;
  /** Unix permission bits, `undefined` when the file does not exist. */
  mode(path: string): Promise<number | undefined>;
  makeDirectory(path: string, mode: number): Promise<void>;
  /** Appended and on the disk when the promise resolves. */
  appendDurably(path: string, text: string): Promise<void>;
  /** The same for one who appends often: the file stays open. */
  openAppend(path: string): Promise<AppendableFile>;
  /** The file holds either its old or its new content at any moment, also after a power cut. */
  writeAtomically(path: string, content: string | Uint8Array, mode: number): Promise<void>;
  /** Cuts the file to this length; the rest is gone. */
  truncate(path: string, sizeBytes: number): Promise<void>;
}

export interface HttpCall {
  readonly method: 'GET' | 'HEAD';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** GET over HTTPS of a server whose certificate nobody vouches for, and which is told nothing; without redirects. */
  readonly anyCertificate?: true;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** At most a megabyte; empty for HEAD. */
  readonly text: string;
}

/** Asks a server for something small. Rejects with fault `platform/http-unanswered`, soon, when there is no answer. */
export type AskHttp = (call: HttpCall, signal: AbortSignal) => Promise<HttpAnswer>;

/**
 * Sends a datagram with so many bytes to where nobody should listen: `refused` when the system there says so, and it thereby
 * has come; `silent` when nothing is heard. Never rejects.
 */
export type KnockUdp = (to: Endpoint, sizeBytes: number, signal: AbortSignal) => Promise<'refused' | 'silent'>;

/** A request whose answer is too big for the memory. */
export interface HttpDownloadCall {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpDownload {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Rejects with fault `platform/http-unanswered` when the connection is cut. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Redirects are followed, nothing is unpacked. Rejects with fault `platform/http-unanswered` when there is no answer. */
export type OpenHttp = (call: HttpDownloadCall, signal: AbortSignal) => Promise<HttpDownload>;

/** A file that is written piece by piece, at its end. */
export interface GrowingFile {
  readonly sizeBytes: number;
  write(bytes: Uint8Array): Promise<void>;
  /** On the disk when the promise resolves. */
  close(): Promise<void>;
}

/** Files that are too big for the memory. */
export interface LargeFiles {
  /** Made when it is not there; its folder has to be. */
  append(path: string): Promise<GrowingFile>;
  /** Takes the place of what has the name, and stays so after a power cut. */
  rename(from: string, to: string): Promise<void>;
  /** Well, too, when there is no such file. */
  remove(path: string): Promise<void>;
}
