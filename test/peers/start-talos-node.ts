import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type CertificateAndKey, createLeaf } from '../../talos/certificate.ts';
import { opensslPem } from '../../talos/private-key.ts';
import { trueRandom } from '../../talos/testing/true-random.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';
import { buildGo } from './build-go.ts';

export const portsAt = (now: () => Date) => ({ clock: Object.assign(new VirtualClock(), { now }), random: trueRandom });
/** TLS judges certificates by the real time. */
export const ports = portsAt(() => new Date());
export const address = '127.0.0.1';

/** A request as Go has understood it. */
export interface Heard {
  readonly call: string;
  /** What the caller said where to pass it on. */
  readonly node?: readonly string[];
  /** In the JSON form of protobuf: 64 bits and bytes are strings, defaults are absent. */
  readonly request: unknown;
  /** Told at the end, of each upload whose sender said that this was all. */
  readonly isWhole?: true;
}

export interface Node {
  readonly port: number;
  /** Of its certificate, as Talos' own code renders it. */
  readonly fingerprint: string;
  /** The next request that it got, also one that it will get. */
  heard(): Promise<Heard>;
  order(order: { create: string } | { destroy: string } | { reboot: true }): void;
  /** Ends it, and gives what it had to tell and nobody has heard. */
  stop(): Promise<readonly Heard[]>;
}

/** The Go node on loopback; configured: with an authority of its clients. Its certificate lives for a day. */
export async function startTalosNode(
  authority: CertificateAndKey,
  isConfigured: boolean,
  made = ports,
  { isOld = false }: { readonly isOld?: boolean } = {},
): Promise<Node> {
  const binary = await buildGo('talos-node');
  const leaf = await createLeaf(
    { authority, kind: 'ed25519', commonName: 'node-1', usage: 'server', addresses: [address], hours: 24 },
    made,
  );
  const child = spawn(binary, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const send = (message: object) => child.stdin.write(`${JSON.stringify(message)}\n`);
  send({
    certificate: leaf.crt,
    key: opensslPem(leaf.key),
    isOld,
    ...(isConfigured ? { clientCA: authority.crt } : {}),
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async () => String((await lines.next()).value);
  const [port, fingerprint = ''] = (await next()).split(' ');
  return {
    port: Number(port),
    fingerprint,
    heard: async () => JSON.parse(await next()) as Heard,
    order: send,
    async stop() {
      child.stdin.end();
      await ended;
      return (await Array.fromAsync({ [Symbol.asyncIterator]: () => lines })).map((line) => JSON.parse(line) as Heard);
    },
  };
}
