import { stringify } from 'yaml';
import { encodePem } from './pem-base64.ts';
import type { TalosKeys } from './talos-keys.ts';

export interface TalosconfigRequest {
  /** Names the context. */
  readonly cluster: string;
  /** Control planes by their own addresses, never the shared one: that is up only while etcd is. */
  readonly endpoints: readonly string[];
  readonly keys: TalosKeys;
}

/** One cluster as the file of talosctl has it. */
export const talosconfigContext = ({ endpoints, keys }: TalosconfigRequest) => ({
  endpoints: [...endpoints],
  ca: encodePem(keys.ca),
  crt: encodePem(keys.cert),
  key: encodePem(keys.key),
});

/** The file that talosctl reads, with one context named after the cluster. */
export const renderTalosconfig = (request: TalosconfigRequest): string =>
  stringify(
    { context: request.cluster, contexts: { [request.cluster]: talosconfigContext(request) } },
    { indent: 4, lineWidth: 0 },
  );
