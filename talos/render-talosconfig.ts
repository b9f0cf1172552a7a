import { stringify } from 'yaml';
import { encodePem } from './pem-base64.ts';
import type { TalosKeys } from './talos-keys.ts';

/**
 * The file that talosctl reads, with one context named after the cluster. `endpoints` are control planes by their own
 * addresses, never the shared one: that is up only while etcd is.
 */
export function renderTalosconfig(config: { cluster: string; endpoints: readonly string[]; keys: TalosKeys }): string {
  const { cluster, endpoints, keys } = config;
  const context = { endpoints, ca: encodePem(keys.ca), crt: encodePem(keys.cert), key: encodePem(keys.key) };
  return stringify({ context: cluster, contexts: { [cluster]: context } }, { indent: 4, lineWidth: 0 });
}
