import type { Client } from '@grpc/grpc-js';
import { SharedAlarm } from './shared-alarm.ts';

/** A connection to one endpoint, made by the first call and kept. */
export interface GrpcLine {
  readonly client: Client;
  /** Host and port of the endpoint. */
  readonly at: string;
  readonly connection: LineConnection;
}

/** The TCP connection of a line: the last one, when it had to be made again. */
export interface LineConnection {
  /** How much has come over it so far; 0 while there is none. */
  readonly bytesRead: number;
  /** Ends it without a word, and with it every call that is made over it. The next call makes a new one. */
  breakOff(): void;
}

/** The way to one machine: itself, or control planes that pass our calls on to it. */
export class GrpcChannel {
  /** The machine as faults name it. */
  readonly at: string;
  /** Told to the endpoint, which passes the call on; absent when the endpoint is the machine itself. */
  readonly node: string | undefined;
  /** For the deadlines of its calls. */
  readonly alarm: Pick<SharedAlarm, 'ringAfter'>;
  readonly #closing = new AbortController();
  readonly #lines: readonly [GrpcLine, ...GrpcLine[]];
  #current = 0;

  constructor(way: {
    at: string;
    node?: string;
    lines: readonly [GrpcLine, ...GrpcLine[]];
    alarm?: Pick<SharedAlarm, 'ringAfter'>;
  }) {
    this.alarm = way.alarm ?? new SharedAlarm();
    this.at = way.at;
    this.node = way.node;
    this.#lines = way.lines;
  }

  /** How many endpoints there are. */
  get width(): number {
    return this.#lines.length;
  }

  get line(): GrpcLine {
    return this.#lines[this.#current] ?? this.#lines[0];
  }

  /** From now on calls take the next endpoint, if nobody has turned away from this one yet. */
  turnFrom(line: GrpcLine): void {
    if (this.line === line) this.#current = (this.#current + 1) % this.#lines.length;
  }

  /** Aborts when the channel is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Ends the calls that are under way, too. */
  close(): void {
    this.#closing.abort();
    for (const { client } of this.#lines) client.close();
  }
}
