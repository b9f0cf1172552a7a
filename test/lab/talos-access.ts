import { status } from '@grpc/grpc-js';
import { Refusal } from './talos-call.ts';
import type { NodeView } from './talos-host.ts';
import { isSince } from './talos-release.ts';

/** What a caller needs, if not admin: Talos' own list of who may call what. */
const needs: Readonly<Record<string, readonly string[]>> = {
  ...rules(['os:admin', 'os:operator', 'os:reader'], 'machine.MachineService', [
    ...['Version', 'ServiceList', 'Events', 'Dmesg', 'Logs', 'List', 'ImageList'],
    ...['EtcdMemberList', 'EtcdStatus', 'EtcdAlarmList'],
  ]),
  ...rules(['os:admin', 'os:operator'], 'machine.MachineService', [
    ...['Reboot', 'Shutdown', 'ImagePull', 'EtcdAlarmDisarm', 'EtcdDefragment'],
  ]),
  ...rules(['os:admin', 'os:operator', 'os:etcd:backup'], 'machine.MachineService', ['EtcdSnapshot']),
  ...rules(['os:admin', 'os:meta:writer'], 'machine.MachineService', ['MetaWrite', 'MetaDelete']),
  ...rules(['os:admin', 'os:operator', 'os:reader'], 'machine.ImageService', ['List']),
  ...rules(['os:admin', 'os:operator'], 'machine.ImageService', ['Pull']),
  ...rules(['os:admin', 'os:operator', 'os:reader'], 'time.TimeService', ['Time', 'TimeCheck']),
  ...rules(['os:admin', 'os:operator', 'os:reader'], 'cluster.ClusterService', ['HealthCheck']),
  ...rules(['os:admin', 'os:operator', 'os:reader'], 'cosi.resource.State', ['Get', 'List', 'Watch']),
};

function rules(roles: readonly string[], service: string, methods: readonly string[]) {
  return Object.fromEntries(methods.map((method) => [`${service}/${method}`, roles]));
}

/** What a reader may do in maintenance mode beside reading. */
const openInMaintenance: ReadonlySet<string> = new Set([
  'machine.MachineService/ApplyConfiguration',
  'storage.StorageService/BlockDeviceWipe',
  'machine.LVMService/LogicalVolumeRemove',
  'machine.LVMService/VolumeGroupRemove',
  'machine.LVMService/PhysicalVolumeRemove',
  'machine.MDService/Destroy',
]);

/** The server of its own that Talos before 1.13 has in maintenance mode: all that it does. */
const oldMaintenance: ReadonlySet<string> = new Set([
  'machine.MachineService/ApplyConfiguration',
  'storage.StorageService/BlockDeviceWipe',
  'cosi.resource.State/Get',
  'cosi.resource.State/List',
  'cosi.resource.State/Watch',
]);
const refusedInOldMaintenance: ReadonlySet<string> = new Set(
  ['Version', 'Reset', 'Upgrade', 'MetaWrite', 'MetaDelete'].map((method) => `machine.MachineService/${method}`),
);

type Node = Pick<NodeView, 'isConfigured' | 'version'>;

/** Whether this is the small server that Talos before 1.13 has in maintenance mode. */
export const isOldMaintenance = (node: Node): boolean => !node.isConfigured && !isSince(node.version, 13);

/** Throws a refusal for a call that this node does not take from a caller with these roles. `path`: `service/Method`. */
export function refuseAccess(node: Node, path: string, roles: readonly string[]): void {
  if (isOldMaintenance(node)) {
    if (oldMaintenance.has(path)) return;
    throw new Refusal(
      status.UNIMPLEMENTED,
      refusedInOldMaintenance.has(path)
        ? 'API is not implemented in maintenance mode'
        : `method ${path.split('/')[1] ?? ''} not implemented`,
    );
  }
  if (!node.isConfigured && openInMaintenance.has(path)) return;
  const allowed = needs[path] ?? ['os:admin'];
  const isNew = isSince(node.version, 13);
  const known = roles.filter((role) => role !== 'os:meta:writer' || isNew);
  if (!known.some((role) => allowed.includes(role))) throw new Refusal(status.PERMISSION_DENIED, 'not authorized');
}

const clientAuth = '1.3.6.1.5.5.7.3.2';

interface PeerCertificate {
  readonly subject: unknown;
  readonly ext_key_usage?: string[];
  readonly valid_from: string;
  readonly valid_to: string;
}

/** What grpc-js tells of a caller's certificate. */
export interface CallWithPeer {
  getAuthContext(): { sslPeerCertificate?: PeerCertificate };
}

/** Of each call, since grpc-js reads the certificate anew whenever it is asked. */
const certificates = new WeakMap<CallWithPeer, PeerCertificate | undefined>();

function certificateOf(call: CallWithPeer): PeerCertificate | undefined {
  if (!certificates.has(call)) certificates.set(call, call.getAuthContext().sslPeerCertificate);
  return certificates.get(call);
}

/** Throws a refusal when the caller's certificate is not valid by this clock; Talos breaks the handshake off. */
export function refuseUntimely(call: CallWithPeer, node: Pick<NodeView, 'isConfigured' | 'host'>): void {
  if (!node.isConfigured) return;
  const certificate = certificateOf(call);
  if (certificate === undefined) return;
  const now = node.host.clock.now().getTime();
  if (Date.parse(certificate.valid_from) <= now && now <= Date.parse(certificate.valid_to)) return;
  throw new Refusal(status.UNAVAILABLE, 'ssl/tls alert certificate expired: SSL alert number 45');
}

/**
 * The roles of a caller: the organizations of its certificate. In maintenance mode everybody is a reader. Talos checks
 * the key usage during the handshake, here it is checked with the first call.
 */
export function rolesOf(call: CallWithPeer, node: Node): readonly string[] {
  if (!node.isConfigured) return ['os:reader'];
  const certificate = certificateOf(call);
  if (certificate?.ext_key_usage?.join() !== clientAuth) return [];
  const { O } = certificate.subject as { O?: string | string[] };
  return O === undefined ? [] : [O].flat();
}
