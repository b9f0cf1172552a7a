import { status } from '@grpc/grpc-js';
import { stringify } from 'yaml';
import type { MachineService } from '../../talos/gen/machine/machine_pb.ts';
import { requireControlPlane } from './require-control-plane.ts';
import { issueLeaf } from './sim-pki.ts';
import { Refusal, type TalosHandlers } from './talos-call.ts';
import type { TalosNode } from './talos-node.ts';

/** New keys for callers, and the META partition. */
export function clientCalls(
  node: TalosNode,
): Pick<TalosHandlers<typeof MachineService>, 'generateClientConfiguration' | 'metaWrite' | 'metaDelete'> {
  const metaOf = (key: number) => {
    if (key > 255) throw new Refusal(status.INVALID_ARGUMENT, 'key must be a uint8');
    const meta = node.systemDisk?.install?.meta;
    if (meta === undefined) throw new Refusal(status.FAILED_PRECONDITION, 'META partition is not available');
    return meta;
  };
  return {
    async generateClientConfiguration({ roles, crtTtl }) {
      requireControlPlane(node, 'client configuration');
      const { config } = node;
      if (config?.machineCa.key === undefined) throw new Refusal(status.FAILED_PRECONDITION, 'no issuing CA');
      const authority = { cert: config.machineCa.crt, key: config.machineCa.key };
      const hours = Number(crtTtl?.seconds ?? 31_536_000n) / 3600;
      const wish = { subject: { O: [...roles] }, usage: 'client', names: [], hours } as const;
      const { cert, key } = await issueLeaf(authority, wish, node.host.clock);
      const base64 = (pem: string) => Buffer.from(pem).toString('base64');
      // Go picks the parser by the label.
      const talosKey = key.replaceAll('PRIVATE KEY', 'ED25519 PRIVATE KEY');
      const context = {
        endpoints: [node.address],
        ca: base64(authority.cert),
        crt: base64(cert),
        key: base64(talosKey),
      };
      const name = config.cluster.name;
      const talosconfig = Buffer.from(stringify({ context: name, contexts: { [name]: context } }));
      const [ca, crt] = [authority.cert, cert].map((pem) => Buffer.from(pem));
      return { messages: [{ ca: ca!, crt: crt!, key: Buffer.from(talosKey), talosconfig }] };
    },

    metaWrite({ key, value }) {
      metaOf(key).set(key, value);
      return { messages: [{}] };
    },

    metaDelete({ key }) {
      if (!metaOf(key).delete(key)) throw new Refusal(status.NOT_FOUND, 'meta key not found');
      return { messages: [{}] };
    },
  };
}
