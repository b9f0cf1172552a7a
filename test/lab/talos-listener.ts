import { createServer, type Socket } from 'node:net';
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
/** For the last replies to leave, such as the one that accepts a config. */
const graceMillis = 50;
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
  // grpc-js ends the sessions that it has, but knows nothing of a connection whose handshake is not complete, and would
  // wait for it for ever; so the connections are taken here, where what is left of them can be cut.
  const injector = server.createConnectionInjector(credentials);
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    injector.injectConnection(socket);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(apidPort, address, resolve);
  });
  return {
    /** As a machine goes down: calls in flight break off. Resolves when the port is free. */
    close: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => sockets.forEach((socket) => socket.destroy()), graceMillis);
        listener.close(() => {
          clearTimeout(cut);
          resolve();
        });
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
