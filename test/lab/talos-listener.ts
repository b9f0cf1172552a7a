import { createServer, type Socket } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { ClusterService } from '../../talos/gen/cluster/cluster_pb.ts';
import { State } from '../../talos/gen/cosi/resource/state_pb.ts';
import { LVMService, MDService } from '../../talos/gen/machine/array_pb.ts';
import { ImageService } from '../../talos/gen/machine/image_pb.ts';
import { LifecycleService } from '../../talos/gen/machine/lifecycle_pb.ts';
import { MachineService } from '../../talos/gen/machine/machine_pb.ts';
import { StorageService } from '../../talos/gen/storage/storage_pb.ts';
import { TimeService } from '../../talos/gen/time/time_pb.ts';
import { grpcService } from '../../talos/grpc-service.ts';
import { imageHandlers } from './image-service.ts';
import { lifecycleHandlers } from './lifecycle-service.ts';
import { machineHandlers } from './machine-service.ts';
import { apiUp } from './node-apis.ts';
import type { NodeConfig } from './node-config.ts';
import { arrayHandlers, clusterHandlers, lvmHandlers, storageHandlers, timeHandlers } from './other-services.ts';
import { serveNode } from './serve-node.ts';
import type { Identity } from './sim-pki.ts';
import { stateHandlers } from './state-service.ts';
import { isOldMaintenance } from './talos-access.ts';
import type { TalosNode } from './talos-node.ts';
import { isSince } from './talos-release.ts';

const apidPort = 50_000;
const grpcGoDefaultBytes = 4 * 2 ** 20;
/** For the last replies to leave, such as the one that accepts a config. */
const graceMillis = 50;
const apidMaxBytes = 32 * 2 ** 20;

export interface TalosListener {
  /** As a machine goes down: calls in flight break off. Resolves when the port is free. */
  close(): Promise<void>;
  /** New connections are shown this certificate. */
  renew(identity: Identity): void;
}

/** The Talos API on one address: gRPC over TLS. With `clientCa` only holders of a certificate of that CA get in. */
export async function listenTalos(
  node: TalosNode,
  { address, identity, clientCa }: { address: string; identity: Identity; clientCa?: string },
): Promise<TalosListener> {
  const server = new Server({
    'grpc.max_receive_message_length': isOldMaintenance(node) ? grpcGoDefaultBytes : apidMaxBytes,
    'grpc.max_send_message_length': apidMaxBytes,
  });
  addServices(server, node);
  // grpc-js ends the sessions that it has, but knows nothing of a connection whose handshake is not complete, and would
  // wait for it for ever; so the connections are taken here, where what is left of them can be cut.
  const injectorOf = ({ key, cert }: Identity) =>
    server.createConnectionInjector(
      ServerCredentials.createSsl(
        clientCa === undefined ? null : Buffer.from(clientCa),
        [{ private_key: Buffer.from(key), cert_chain: Buffer.from(cert) }],
        clientCa !== undefined,
      ),
    );
  let injector = injectorOf(identity);
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
    close: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => sockets.forEach((socket) => socket.destroy()), graceMillis);
        listener.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.forceShutdown();
      }),
    renew: (next) => {
      injector = injectorOf(next);
    },
  };
}

/** What a Talos of this version serves in the mode that it is in. */
function addServices(server: Server, node: TalosNode): void {
  const add = (service: Parameters<typeof grpcService>[0], handlersOf: unknown) =>
    server.addService(grpcService(service), serveNode(node, service, handlersOf as never));
  add(MachineService, machineHandlers);
  add(StorageService, storageHandlers);
  add(State, stateHandlers);
  if (isOldMaintenance(node)) return;
  add(TimeService, timeHandlers);
  add(ClusterService, clusterHandlers);
  if (!isSince(node.version, 13)) return;
  add(ImageService, imageHandlers);
  add(LifecycleService, lifecycleHandlers);
  if (!isSince(node.version, 14)) return;
  add(LVMService, lvmHandlers);
  add(MDService, arrayHandlers);
}

/** The API of a configured node; `undefined` while there is nobody who signs its certificate. */
export async function listenConfigured(node: TalosNode, config: NodeConfig): Promise<TalosListener | undefined> {
  const { fabric, clock, time } = node.host;
  const names = [node.hostname, node.address, '127.0.0.1', ...config.certSans];
  const newIdentity = () => fabric.serverCertificate(config, names, clock);
  const { epoch } = time;
  const identity = await newIdentity();
  if (identity === undefined) return undefined;
  const listener = await listenTalos(node, { address: node.address, identity, clientCa: config.machineCa.crt });
  node.renewCertificate = async () => {
    const next = await newIdentity();
    if (next !== undefined) listener.renew(next);
  };
  if (time.epoch !== epoch) await node.renewCertificate();
  const gone = new AbortController();
  apiUp({ node, gone: gone.signal });
  return {
    ...listener,
    close: () => {
      gone.abort();
      return listener.close();
    },
  };
}
