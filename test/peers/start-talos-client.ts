import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { buildGo } from './build-go.ts';

/** The releases of Talos' own client; the newest that Go's proxy gives of each minor. */
export const talosClientReleases = [
  { release: '1.11.6', modfile: 'go-1.11.mod', tags: 'old' },
  { release: '1.12.7', modfile: 'go-1.12.mod', tags: 'old' },
  { release: '1.13.9', modfile: 'go.mod', tags: '' },
  { release: '1.14.0-alpha.2', modfile: 'go-1.14.mod', tags: '' },
] as const;

export interface Question {
  readonly call: string;
  readonly node?: string;
  readonly nodes?: readonly string[];
  readonly asked?: object;
}

/** What Go saw; with a code when the call failed. */
export interface Seen {
  readonly saw?: unknown;
  readonly code?: string;
  readonly message?: string;
}

export interface GoClient {
  /** One question after the other. */
  ask(call: string, more?: Omit<Question, 'call'>): Promise<Seen>;
  close(): Promise<void>;
}

/** Talos' own client of this release, connected to one node; without a talosconfig to one in maintenance mode. */
export async function startTalosClient(
  { modfile, tags }: (typeof talosClientReleases)[number],
  target: { readonly endpoint: string; readonly talosconfig?: string },
): Promise<GoClient> {
  const binary = await buildGo('talos-client', { modfile, tags });
  const child = spawn(binary, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const send = (message: object) => child.stdin.write(`${JSON.stringify(message)}\n`);
  send(target);
  return {
    async ask(call, more = {}) {
      send({ call, ...more });
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`the client ended at ${call}`);
      return JSON.parse(value) as Seen;
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
