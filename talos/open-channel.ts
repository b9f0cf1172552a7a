import { isIPv4, isIPv6 } from 'node:net';
import { checkServerIdentity, createSecureContext } from 'node:tls';
import { type ChannelCredentials, type ChannelOptions, Client, credentials } from '@grpc/grpc-js';
import type { Endpoint } from '../core/ports.ts';
import { anybody } from './anybody.ts';
import { GrpcChannel, type GrpcLine } from './grpc-channel.ts';
import { KeepAliveCredentials } from './keep-alive-credentials.ts';
import { PinnedCredentials } from './pinned-credentials.ts';
import { opensslPem } from './private-key.ts';
import type { TalosKeys } from './talos-keys.ts';

/** Where a machine's Talos API is, and how to prove who we are there. */
export interface TalosTarget {
  /** An IP address, or a name that DNS knows; the certificate of who answers has to name it. */
  readonly address: string;
  /** 50000 when left out. */
  readonly port?: number;
  /** Without keys: maintenance mode, in which no authority vouches for a certificate. */
  readonly keys?: TalosKeys;
  /**
   * Control planes through which the machine is reached, for one that we cannot reach ourselves. Each has to show a
   * certificate for its own address; a call that could not be sent to one goes to the next. Only with keys.
   */
  readonly via?: readonly (Pick<Endpoint, 'address'> & { readonly port?: number })[];
  /** In maintenance mode: the only certificate (PEM) to be believed, from `pinTalos`. */
  readonly pinned?: string;
}

/** The port of apid, and of the maintenance service before there is a config. */
const apidPort = 50_000;

type Place = Pick<TalosTarget, 'address' | 'port'>;

export const portOf = ({ port = apidPort }: Place): number => port;
export const hostAndPort = (place: Place): string =>
  isIPv6(place.address) ? `[${place.address}]:${portOf(place)}` : `${place.address}:${portOf(place)}`;

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
  const { via: [first, ...rest] = [], keys } = target;
  if (first === undefined || keys === undefined) {
    return new GrpcChannel({ at: hostAndPort(target), lines: [openLine(target, target)] });
  }
  const lines = [openLine(first, target), ...rest.map((endpoint) => openLine(endpoint, target))] as const;
  return new GrpcChannel({ at: target.address, node: target.address, lines });
}

function openLine(place: Place, target: TalosTarget): GrpcLine {
  const at = hostAndPort(place);
  const scheme = isIPv4(place.address) ? 'ipv4' : isIPv6(place.address) ? 'ipv6' : 'dns';
  const connection = new KeepAliveCredentials(secureLine(place, target));
  const client = new Client(`${scheme}:${at}`, connection, {
    ...options,
    'grpc.ssl_target_name_override': serverName,
  });
  return { client, at, connection };
}

const minVersion = 'TLSv1.2';

function secureLine({ address }: Place, { keys, pinned }: TalosTarget): ChannelCredentials {
  if (keys !== undefined) {
    const { ca, cert, key } = keys;
    return credentials.createFromSecureContext(createSecureContext({ ca, cert, key: opensslPem(key), minVersion }), {
      checkServerIdentity: (_, shown) => checkServerIdentity(address, shown),
    });
  }
  const unjudged = credentials.createFromSecureContext(anybody(minVersion), { rejectUnauthorized: false });
  // The authority that signed it exists in the machine's memory only and is not sent: the certificate vouches for itself.
  return pinned === undefined ? unjudged : new PinnedCredentials(unjudged, pinned);
}
