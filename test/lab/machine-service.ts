import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { MachineService } from '../../talos/gen/machine/machine_pb.ts';
import { kubeconfigArchive } from './admin-kubeconfig.ts';
import { takeConfig } from './apply-configuration.ts';
import { bootstrapEtcd } from './bootstrap-etcd.ts';
import { clientCalls } from './client-calls.ts';
import { etcdCalls } from './etcd-calls.ts';
import { fileCalls } from './file-calls.ts';
import { logCalls } from './log-calls.ts';
import { oldImageCalls } from './old-image-calls.ts';
import { powerCalls } from './power-calls.ts';
import { requireControlPlane } from './require-control-plane.ts';
import type { TalosHandlers } from './talos-call.ts';
import type { TalosNode } from './talos-node.ts';

/** machine.MachineService: every call that our client has. */
export function machineHandlers(node: TalosNode): TalosHandlers<typeof MachineService> {
  const { machine, counters } = node.host;
  return {
    applyConfiguration(request, call) {
      let taken: ReturnType<typeof takeConfig>;
      try {
        taken = takeConfig(node, request);
      } catch (refusal) {
        counters.refusedConfigs += 1;
        throw refusal;
      }
      if (!request.dryRun) counters.appliedConfigs += 1;
      const { mode, details: modeDetails, takeEffect } = taken;
      call.afterReply(takeEffect);
      return { messages: [{ mode, modeDetails }] };
    },

    async bootstrap(request) {
      await bootstrapEtcd(node, request);
      return { messages: [{}] };
    },

    async *kubeconfig() {
      requireControlPlane(node, 'kubeconfig');
      if (node.config !== undefined) yield { bytes: await kubeconfigArchive(node.config, node.host.clock) };
    },

    serviceList() {
      const services = [...node.services.values()]
        .sort((one, other) => (one.id < other.id ? -1 : 1))
        .map(({ id, state, healthy, message, since }) => {
          const at = timestampFromDate(since);
          return {
            id,
            state,
            events: { events: [{ msg: message, state, ts: at }] },
            health: { unknown: healthy === undefined, healthy: healthy === true, lastMessage: '', lastChange: at },
          };
        });
      return { messages: [{ services }] };
    },

    version() {
      const arch = machine.firmware.architecture === 11 || machine.firmware.architecture === 19 ? 'arm64' : 'amd64';
      const version = { tag: node.version, sha: 'simulated', built: '', goVersion: 'go1.26', os: 'linux', arch };
      return { messages: [{ version, platform: { name: 'metal', mode: 'metal' }, features: { rbac: true } }] };
    },

    ...clientCalls(node),
    ...etcdCalls(node),
    ...fileCalls(node),
    ...logCalls(node),
    ...oldImageCalls(node),
    ...powerCalls(node),
  };
}
