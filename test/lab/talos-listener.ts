import { Server, ServerCredentials } from '@grpc/grpc-js';
import { State } from '../../talos/gen/cosi/resource/state_pb.ts';
import { MachineService } from '../../talos/gen/machine/machine_pb.ts';
import { grpcService } from '../../talos/grpc-service.ts';
import { machineHandlers } from './machine-service.ts';
import type { NodeConfig } from './node-config.ts';
import type { Identity } from './sim-pki.ts';
import { stateHandlers } from './state-service.ts';
import type { TalosNode } from './talos-node.ts';

const apidPort = 50_000;
const grpcGoDefaultBytes = 4 * 2 ** 20;
const apidMaxBytes = 32 * 2 ** 20;

/** The Talos API on one address: gRPC over TLS. With `clientCa` only holders of a certificate of that CA get in. */
export async function listenTalos(
  node: TalosNode,
  { address, identity, clientCa }: { address: string; identity: Identity; clientCa?: string },
): Promise<{ close(): Promise<void> }> {
  const isOldMaintenance = clientCa === undefined && node.version.startsWith('v1.12.');
  const server = new Server({
    'grpc.max_receive_message_length': isOldMaintenance ? grpcGoDefaultBytes : apidMaxBytes,
    'grpc.max_send_message_length': apidMaxBytes,
  });
  server.addService(grpcService(MachineService), machineHandlers(node));
  server.addService(grpcService(State), stateHandlers(node));
  const credentials = ServerCredentials.createSsl(
    clientCa === undefined ? null : Buffer.from(clientCa),
    [{ private_key: Buffer.from(identity.key), cert_chain: Buffer.from(identity.cert) }],
    clientCa !== undefined,
  );
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`${address}:${apidPort}`, credentials, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
  return {
    /** As a machine goes down: calls in flight break off. Resolves when the port is free. */
    close: () =>
      new Promise((resolve) => {
        server.tryShutdown(() => resolve());
        server.forceShutdown();
      }),
  };
}

/** The API of a configured node; `undefined` while there is nobody who signs its certificate. */
export async function listenConfigured(
  node: TalosNode,
  config: NodeConfig,
): Promise<{ close(): Promise<void> } | undefined> {
  const names = [node.hostname, node.address, '127.0.0.1', ...config.certSans];
  const identity = await node.host.fabric.serverCertificate(config, names);
  if (identity === undefined) return undefined;
  return listenTalos(node, { address: node.address, identity, clientCa: config.machineCa.crt });
}
