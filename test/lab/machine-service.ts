import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { DataSchema } from '../../talos/gen/common/common_pb.ts';
import {
  ApplyConfigurationResponseSchema,
  BootstrapResponseSchema,
  EtcdMemberListResponseSchema,
  type MachineService,
  ServiceListResponseSchema,
  VersionResponseSchema,
} from '../../talos/gen/machine/machine_pb.ts';
import type { GrpcHandlers } from '../../talos/grpc-service.ts';
import { kubeconfigArchive } from './admin-kubeconfig.ts';
import { takeConfig } from './apply-configuration.ts';
import { refusal, refuseAccess } from './talos-access.ts';
import type { TalosNode } from './talos-node.ts';

/**
 * machine.MachineService as far as the thin path speaks it. Replies hold one message without metadata, as apid sends
 * them to a caller that named no nodes; routing by `node` and `nodes` is not simulated, every call is answered here.
 */
export function machineHandlers(node: TalosNode): GrpcHandlers<typeof MachineService> {
  const { machine, counters, fabric } = node.host;
  const isControlPlane = () => node.config?.type === 'controlplane';
  const only = (method: string) => refusal(status.UNIMPLEMENTED, `${method} is only available on control plane nodes`);

  return {
    applyConfiguration(call, reply) {
      const refused = refuseAccess(call, node, 'applyConfiguration');
      if (refused !== undefined) {
        reply(refused);
        return;
      }
      const taken = takeConfig(node, call.request);
      if ('refusal' in taken) {
        counters.refusedConfigs += 1;
        reply(taken.refusal);
        return;
      }
      if (!call.request.dryRun) counters.appliedConfigs += 1;
      reply(
        null,
        create(ApplyConfigurationResponseSchema, { messages: [{ mode: taken.mode, modeDetails: taken.details }] }),
      );
      taken.takeEffect();
    },

    bootstrap(call, reply) {
      const refused = refuseAccess(call, node, 'bootstrap') ?? refuseBootstrap(node);
      if (refused !== undefined) {
        fabric.refusedBootstraps += 1;
        reply(refused);
        return;
      }
      const install = node.systemDisk?.install;
      const ca = node.config?.cluster.etcdCa;
      if (install === undefined || ca === undefined) {
        reply(refusal(status.FAILED_PRECONDITION, 'bootstrap is not available yet'));
        return;
      }
      const { cluster, member } = fabric.etcd.bootstrap(ca.crt, node.hostname, node.address);
      install.etcd = { clusterId: cluster.id, memberId: member.id };
      reply(null, create(BootstrapResponseSchema, { messages: [{}] }));
    },

    etcdMemberList(call, reply) {
      const refused =
        refuseAccess(call, node, 'etcdMemberList') ?? (isControlPlane() ? undefined : only('member list'));
      if (refused !== undefined) {
        reply(refused);
        return;
      }
      const cluster = fabric.etcd.byId(node.systemDisk?.install?.etcd?.clusterId ?? 0n);
      if (node.etcdMemberId === undefined || cluster === undefined || !cluster.hasQuorum) {
        reply(refusal(status.UNAVAILABLE, 'etcd client: context deadline exceeded'));
        return;
      }
      const members = [...cluster.members.values()].map(({ id, hostname, address, isLearner }) => ({
        id,
        hostname,
        peerUrls: [`https://${address}:2380`],
        clientUrls: [`https://${address}:2379`],
        isLearner,
      }));
      const legacyMembers = members.map(({ hostname }) => hostname);
      reply(null, create(EtcdMemberListResponseSchema, { messages: [{ members, legacyMembers }] }));
    },

    kubeconfig(call) {
      const refused = refuseAccess(call, node, 'kubeconfig') ?? (isControlPlane() ? undefined : only('kubeconfig'));
      if (refused !== undefined || node.config === undefined) {
        call.emit('error', refused);
        return;
      }
      kubeconfigArchive(node.config, node.host.clock).then(
        (bytes) => {
          call.write(create(DataSchema, { bytes }));
          call.end();
        },
        (reason: unknown) => call.emit('error', refusal(status.INTERNAL, String(reason))),
      );
    },

    serviceList(call, reply) {
      const refused = refuseAccess(call, node, 'serviceList');
      if (refused !== undefined) {
        reply(refused);
        return;
      }
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
      reply(null, create(ServiceListResponseSchema, { messages: [{ services }] }));
    },

    version(call, reply) {
      const refused = refuseAccess(call, node, 'version');
      if (refused !== undefined) {
        reply(refused);
        return;
      }
      const arch = machine.firmware.architecture === 11 || machine.firmware.architecture === 19 ? 'arm64' : 'amd64';
      const version = { tag: node.version, sha: 'simulated', built: '', goVersion: 'go1.26', os: 'linux', arch };
      const platform = { name: 'metal', mode: 'metal' };
      reply(null, create(VersionResponseSchema, { messages: [{ version, platform, features: { rbac: true } }] }));
    },
  };
}

/** In the order in which Talos looks. */
function refuseBootstrap(node: TalosNode) {
  const { config } = node;
  if (config?.type === 'worker') {
    return refusal(
      node.version.startsWith('v1.12.') ? status.FAILED_PRECONDITION : status.UNIMPLEMENTED,
      'bootstrap is only available on control plane nodes',
    );
  }
  const isCriUp = node.services.get('cri')?.state === 'Running';
  if (!isCriUp) return refusal(status.FAILED_PRECONDITION, 'bootstrap is not available yet');
  if (node.systemDisk?.install?.etcd !== undefined) {
    return refusal(status.ALREADY_EXISTS, 'etcd data directory is not empty');
  }
  return undefined;
}
