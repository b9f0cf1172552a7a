/** A Talos API at an address: it tells its version, and its stream of events never ends. Prints `serves`. */
import { create } from '@bufbuild/protobuf';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeRandom } from '../../bin/platform/node-random.ts';
import { createAuthority } from '../../talos/certificate.ts';
import { EventSchema } from '../../talos/gen/machine/event_pb.ts';
import { VersionResponseSchema } from '../../talos/gen/machine/machine_pb.ts';
import { serveTalos } from '../../talos/testing/serve-talos.ts';

const [address = ''] = process.argv.slice(2);
const authority = await createAuthority({ kind: 'ed25519' }, { clock: nodeClock, random: nodeRandom });
await serveTalos({
  authority,
  demandsClientCertificate: false,
  clock: nodeClock,
  at: { address, port: 50_000 },
  machine: {
    version: (_, answer) =>
      answer(null, create(VersionResponseSchema, { messages: [{ version: { tag: 'v1.13.9' } }] })),
    events: (call) => {
      const data = { typeUrl: 'talos/runtime/machine.AddressEvent', value: new Uint8Array() };
      call.write(create(EventSchema, { data }));
    },
  },
});
process.stdout.write('serves\n');
