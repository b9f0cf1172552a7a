import { checkServerIdentity, createSecureContext, type PeerCertificate } from 'node:tls';
import { type ChannelOptions, Client, credentials } from '@grpc/grpc-js';
import type { GrpcChannel } from './grpc-call.ts';
import { opensslPem } from './private-key.ts';
import type { TalosKeys } from './talos-keys.ts';

/** Where a machine's Talos API is, and how to prove who we are there. */
export interface TalosTarget {
  /** An IP address; the machine's certificate has to name it. */
  readonly address: string;
  /** 50000 when left out. */
  readonly port?: number;
  /** Without keys: maintenance mode, in which nobody's certificate can be verified. */
  readonly keys?: TalosKeys;
}

/** The port of apid, and of the maintenance service before there is a config. */
const apidPort = 50_000;

export const portOf = ({ port = apidPort }: TalosTarget): number => port;
export const hostAndPort = (target: TalosTarget): string => `${target.address}:${portOf(target)}`;

const options: ChannelOptions = {
  // Talos' own limit, both ways.
  'grpc.max_receive_message_length': 32 * 1024 * 1024,
  'grpc.max_send_message_length': 32 * 1024 * 1024,
  // A machine of the provisioning network is never behind the operator's web proxy.
  'grpc.enable_http_proxy': 0,
  // Two channels to one address may hold different keys, and a closed one must not live on in a pool.
  'grpc.use_local_subchannel_pool': 1,
  // A machine that reboots answers again within a minute: look often.
  'grpc.initial_reconnect_backoff_ms': 500,
  'grpc.max_reconnect_backoff_ms': 5_000,
};

/**
 * What we ask for by TLS server name indication. An address may not stand there (RFC 6066 3), grpc-js would put it
 * there, and Talos looks only at the one certificate that it has.
 */
const serverName = 'talos';

/** Opens nothing yet: the connection is made by the first call. */
export function openChannel(target: TalosTarget): GrpcChannel {
  const at = hostAndPort(target);
  const { address, keys } = target;
  const verify = { checkServerIdentity: (_: string, cert: PeerCertificate) => checkServerIdentity(address, cert) };
  const secure =
    keys === undefined
      ? credentials.createSsl(null, null, null, { rejectUnauthorized: false })
      : credentials.createFromSecureContext(
          createSecureContext({ ca: keys.ca, cert: keys.cert, key: opensslPem(keys.key), minVersion: 'TLSv1.2' }),
          verify,
        );
  const client = new Client(`ipv4:${at}`, secure, { ...options, 'grpc.ssl_target_name_override': serverName });
  return { client, at };
}
