import type { Client } from '@grpc/grpc-js';

/** A connection to one endpoint, made by the first call and kept. */
export interface GrpcLine {
  readonly client: Client;
  /** Host and port of the endpoint. */
  readonly at: string;
}

/** The way to one machine: itself, or control planes that pass our calls on to it. */
export class GrpcChannel {
  /** The machine as faults name it. */
  readonly at: string;
  /** Told to the endpoint, which passes the call on; absent when the endpoint is the machine itself. */
  readonly node: string | undefined;
  readonly #lines: readonly [GrpcLine, ...GrpcLine[]];
  #current = 0;

  constructor(way: { at: string; node?: string; lines: readonly [GrpcLine, ...GrpcLine[]] }) {
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

  close(): void {
    for (const { client } of this.#lines) client.close();
  }
}
