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
  send(bytes: Uint8Array, to: Endpoint): void;
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
  readonly ipv4: readonly { readonly address: string; readonly prefixLength: number }[];
}

export interface Network {
  interfaces(): readonly NetworkInterface[];
  /** Fault `platform/port-taken` names the holder; `platform/port-forbidden` names the privilege. */
  openUdp(options: UdpOptions): Promise<UdpSocket>;
  serveHttp(at: Endpoint, answer: (request: HttpRequest) => Promise<HttpResponse>): Promise<Listener>;
}

export interface ReadableFile {
  readonly sizeBytes: number;
  read(offsetBytes: number, lengthBytes: number): Promise<Uint8Array>;
  /** Chunks of the half-open byte range [start, end). */
  stream(startBytes: number, endBytes: number): AsyncIterable<Uint8Array>;
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
  /** The file holds either its old or its new content at any moment, also after a power cut. */
  writeAtomically(path: string, content: string | Uint8Array, mode: number): Promise<void>;
  /** Cuts the file to this length; the rest is gone. */
  truncate(path: string, sizeBytes: number): Promise<void>;
}
