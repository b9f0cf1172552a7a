import { type ServerUnaryCall, type ServerWritableStream, type ServiceError, status } from '@grpc/grpc-js';
import type { TalosNode } from './talos-node.ts';

type Call = ServerUnaryCall<never, never> | ServerWritableStream<never, never> | CallWithPeer;
interface CallWithPeer {
  getAuthContext(): { sslPeerCertificate?: { subject: unknown; ext_key_usage?: string[] } };
}

/** A gRPC error as a handler gives it. */
export const refusal = (code: status, details: string): Partial<ServiceError> => ({ code, details });

const needs = {
  applyConfiguration: 'os:admin',
  bootstrap: 'os:admin',
  kubeconfig: 'os:admin',
  etcdMemberList: 'os:reader',
  serviceList: 'os:reader',
  version: 'os:reader',
  state: 'os:reader',
} as const;

const ranks = ['os:reader', 'os:operator', 'os:admin'];
const clientAuth = '1.3.6.1.5.5.7.3.2';

/**
 * Who may call what. In maintenance mode everybody is a reader who may also apply a
 * config; Talos 1.12 has a server of its own there that knows only a few methods. Talos checks the key usage of a
 * client certificate during the handshake; here it is checked with the first call.
 */
export function refuseAccess(
  call: Call,
  node: TalosNode,
  method: keyof typeof needs,
): Partial<ServiceError> | undefined {
  if (!node.isConfigured) {
    if (method === 'applyConfiguration' || method === 'state') return undefined;
    if (node.version.startsWith('v1.12.')) {
      return refusal(status.UNIMPLEMENTED, 'API is not implemented in maintenance mode');
    }
  }
  return ranks.indexOf(needs[method]) <= rankOf(call, node)
    ? undefined
    : refusal(status.PERMISSION_DENIED, 'not authorized');
}

export const isAdmin = (call: Call, node: TalosNode): boolean => rankOf(call, node) === ranks.indexOf('os:admin');

function rankOf(call: Call, node: TalosNode): number {
  if (!node.isConfigured) return ranks.indexOf('os:reader');
  const certificate = call.getAuthContext().sslPeerCertificate;
  if (certificate?.ext_key_usage?.join() !== clientAuth) return -1;
  const { O } = certificate.subject as { O?: string | string[] };
  const roles = O === undefined ? [] : [O].flat();
  return Math.max(-1, ...roles.map((role) => ranks.indexOf(role)));
}
