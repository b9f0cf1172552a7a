import { text } from 'node:stream/consumers';
import { create } from '@bufbuild/protobuf';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeRandom } from '../../bin/platform/node-random.ts';
import { minutes } from '../../core/millis.ts';
import type { MachineSpec } from '../../core/rack-spec.ts';
import { VersionResponseSchema } from '../../talos/gen/machine/machine_pb.ts';
import {
  type CertificateAndKey,
  connectTalos,
  createAdminKeys,
  createAuthority,
  createSecrets,
  renderMachineConfig,
  type TalosKeys,
} from '../../talos/index.ts';
import { exampleRequest, exampleSpec } from '../../talos/testing/example-request.ts';
import { serveTalos } from '../../talos/testing/serve-talos.ts';

/** One measurement of ours, in a process of its own so that its memory is its own: JSON in, JSON out. */
interface Asked {
  readonly what: 'configs' | 'secrets' | 'certificates' | 'clients' | 'server';
  readonly count: number;
  readonly contract: string;
  readonly port?: number;
  readonly keys?: TalosKeys;
  readonly authority?: CertificateAndKey;
}

const ports = { clock: nodeClock, random: nodeRandom };

async function prepare({ what, count, contract, port = 0, keys }: Asked): Promise<() => Promise<unknown>> {
  switch (what) {
    case 'configs': {
      const requests = await machineRequests(count, contract);
      return async () => requests.map(renderMachineConfig);
    }
    case 'secrets':
      return () => repeat(count, () => createSecrets(ports));
    case 'certificates': {
      const osCa = await createAuthority({ kind: 'ed25519', organization: 'talos' }, ports);
      return () => repeat(count, () => createAdminKeys({ osCa }, ports));
    }
    case 'clients': {
      if (keys === undefined) throw new Error('clients need keys');
      const one = async () => {
        const client = connectTalos({ address: '127.0.0.1', port, keys });
        await client.version({ deadline: minutes(1) });
      };
      return () => Promise.all(Array.from({ length: count }, one));
    }
    case 'server':
      throw new Error('a server is not measured');
  }
}

async function repeat(count: number, once: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < count; done += 1) await once();
}

/** Three control planes, and workers else. */
async function machineRequests(count: number, contract: string) {
  const small = exampleSpec({ talos: `${contract}.0`, network: { subnet: '10.0.0.0/16' } });
  const machines = Array.from(
    { length: count },
    (_, at): MachineSpec => ({
      name: `node-${at}`,
      role: at < 3 ? 'controlplane' : 'worker',
      address: `10.0.${1 + Math.floor(at / 250)}.${1 + (at % 250)}`,
      disk: { serial: 'S' },
    }),
  );
  const spec = { ...small, machines };
  const secrets = await createSecrets(ports);
  return machines.map((machine) => ({ ...exampleRequest('worker', small), spec, machine, secrets }));
}

const asked = JSON.parse(await text(process.stdin)) as Asked;
if (asked.what === 'server') {
  if (asked.authority === undefined) throw new Error('a server needs an authority');
  const version = create(VersionResponseSchema, { messages: [{ version: { tag: 'v1.13.9', arch: 'amd64' } }] });
  const server = await serveTalos({
    authority: asked.authority,
    demandsClientCertificate: true,
    clock: nodeClock,
    machine: { version: (_, answer) => answer(null, version) },
  });
  process.stdout.write(`${JSON.stringify({ port: server.port })}\n`);
} else {
  const work = await prepare(asked);
  const begun = performance.now();
  await work();
  const seconds = (performance.now() - begun) / 1000;
  process.stdout.write(`${JSON.stringify({ seconds, megaBytes: process.resourceUsage().maxRSS / 1024 })}\n`, () =>
    process.exit(0),
  );
}
