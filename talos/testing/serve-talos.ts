import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { Clock } from '../../core/ports.ts';
import type { CertificateAndKey } from '../certificate.ts';
import { createLeaf } from '../certificate.ts';
import { GetResponseSchema, ListResponseSchema, State } from '../gen/cosi/resource/state_pb.ts';
import { MachineService } from '../gen/machine/machine_pb.ts';
import { type GrpcHandlers, grpcService } from '../grpc-service.ts';
import { opensslPem } from '../private-key.ts';
import { trueRandom } from './true-random.ts';

export interface ServedResource {
  readonly type: string;
  readonly id: string;
  readonly yaml: string;
  /** Milliseconds since 1970; 0 when left out. */
  readonly createdMs?: number;
}

export interface TalosServerOptions {
  /** Signs the certificate of the server, and of clients when they must have one. */
  readonly authority: CertificateAndKey;
  readonly demandsClientCertificate: boolean;
  /** 127.0.0.1 and any free port when left out. */
  readonly at?: { readonly address: string; readonly port: number };
  /** The address in the server's certificate; the one that it listens on when left out. */
  readonly certifiedAddress?: string;
  readonly clock: Clock;
  readonly resources?: readonly ServedResource[];
  /** Types that this Talos does not have. */
  readonly unknownTypes?: readonly string[];
  readonly machine?: Partial<GrpcHandlers<typeof MachineService>>;
  readonly state?: Partial<GrpcHandlers<typeof State>>;
}

export interface TalosServer {
  readonly port: number;
  close(): void;
}

/** A Talos API on loopback with this content: real TLS, real gRPC, our own descriptors. For tests of the client. */
export async function serveTalos(options: TalosServerOptions): Promise<TalosServer> {
  const { authority, demandsClientCertificate, at = { address: '127.0.0.1', port: 0 }, clock } = options;
  const { certifiedAddress = at.address } = options;
  const leaf = await createLeaf(
    { authority, kind: 'ed25519', commonName: 'node', usage: 'server', addresses: [certifiedAddress], hours: 24 },
    { clock, random: trueRandom },
  );
  const server = new Server();
  server.addService(grpcService(State), { ...stateOf(options), ...options.state });
  server.addService(grpcService(MachineService), { ...options.machine });
  const credentials = ServerCredentials.createSsl(
    demandsClientCertificate ? Buffer.from(authority.crt) : null,
    [{ private_key: Buffer.from(opensslPem(leaf.key)), cert_chain: Buffer.from(leaf.crt) }],
    demandsClientCertificate,
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${at.address}:${at.port}`, credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, close: () => server.forceShutdown() };
}

function stateOf({ resources = [], unknownTypes = [] }: TalosServerOptions): Partial<GrpcHandlers<typeof State>> {
  const message = ({ type, id, yaml, createdMs = 0 }: ServedResource) => ({
    metadata: { type, id, version: '1', phase: 'running', created: timestampFromMs(createdMs) },
    spec: { yamlSpec: yaml },
  });
  const notSupported = (type: string) => ({ code: status.PERMISSION_DENIED, details: `${type} is not supported` });
  return {
    get: ({ request: { type, id } }, answer) => {
      const found = resources.find((resource) => resource.type === type && resource.id === id);
      if (found === undefined) answer({ code: status.NOT_FOUND, details: `resource ${type}(${id}) doesn't exist` });
      else answer(null, create(GetResponseSchema, { resource: message(found) }));
    },
    list: (call) => {
      const { type } = call.request;
      if (unknownTypes.includes(type)) {
        call.emit('error', notSupported(type));
        return;
      }
      for (const resource of resources.filter((one) => one.type === type)) {
        call.write(create(ListResponseSchema, { resource: message(resource) }));
      }
      call.end();
    },
  };
}
