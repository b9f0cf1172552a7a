/** What a client of a configured machine's API needs, each as PEM; `key` keeps Talos' label. */
export interface TalosKeys {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}
