import { readFileSync } from 'node:fs';
import { create } from '@bufbuild/protobuf';
import { describe, expect, it, vi } from 'vitest';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { createAuthority } from './certificate.ts';
import { VersionResponseSchema } from './gen/machine/machine_pb.ts';
import { connectTalos } from './talos-client.ts';
import { serveTalos } from './testing/serve-talos.ts';
import { trueRandom } from './testing/true-random.ts';

const clock = Object.assign(new VirtualClock(), { now: () => new Date() });

/** The timers of the connections to this port, as Linux tells them: what for (2: keepalive), and in how many 1/100 s. */
function timersOf(port: number): { what: number; hundredths: number }[] {
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/self/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[2] === remote && columns[3] === '01')
    .map((columns) => columns[5]!.split(':').map((part) => Number.parseInt(part, 16)))
    .map(([what, hundredths]) => ({ what: what!, hundredths: hundredths! }));
}

describe('a connection to Talos', () => {
  it('is asked by TCP for a sign of life after five seconds of silence', async () => {
    const authority = await createAuthority({ kind: 'ed25519' }, { clock, random: trueRandom });
    const server = await serveTalos({
      authority,
      demandsClientCertificate: false,
      clock,
      machine: {
        version: (_, answer) => answer(null, create(VersionResponseSchema, { messages: [{ version: { tag: 'v1' } }] })),
      },
    });
    const client = connectTalos({ address: '127.0.0.1', port: server.port });
    await client.version();
    await vi.waitFor(() => expect(timersOf(server.port)).toMatchObject([{ what: 2 }]));
    const [timer] = timersOf(server.port);
    expect(timer!.hundredths).toBeLessThanOrEqual(500);
    client.close();
    server.close();
  });
});
