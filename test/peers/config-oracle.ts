import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { buildGo } from './build-go.ts';

/**
 * The Talos releases whose machinery judges what we make: the newest of each minor that the Go proxy has. Of 1.14 that is
 * an early one; what it does not know yet is in `unknownToPrerelease` of the tests. The tags choose the Go files for it.
 */
export const oracleVersions = [
  { contract: 'v1.11', talos: 'v1.11.6', modfile: 'go-1.11.mod', tags: 'talos11' },
  { contract: 'v1.12', talos: 'v1.12.7', modfile: 'go-1.12.mod', tags: '' },
  { contract: 'v1.13', talos: 'v1.13.9', modfile: 'go.mod', tags: '' },
  { contract: 'v1.14', talos: 'v1.14.0-alpha.2', modfile: 'go-1.14.mod', tags: 'talos14' },
] as const;

export type OracleVersion = (typeof oracleVersions)[number];

export interface OracleRequest {
  readonly contract?: string;
  readonly configs?: readonly { readonly yaml: string; readonly disks: readonly OracleDisk[] }[];
  readonly matches?: readonly { readonly expression: string; readonly disks: readonly OracleDisk[] }[];
  readonly secrets?: string;
  readonly talosconfig?: string;
  readonly generate?: { readonly clusterName: string; readonly endpoint: string; readonly kubernetesVersion: string };
}

export interface OracleDisk {
  readonly name: string;
  readonly serial?: string | undefined;
  readonly wwid?: string | undefined;
  readonly transport: string;
}

export interface ConfigVerdict {
  /** Empty when Talos takes the config. */
  readonly error: string;
  readonly warnings: readonly string[];
  /** The config as Talos writes what it has read, whether it takes it or not; empty when it cannot read it. */
  readonly encoded: string;
  readonly understood?: Readonly<Record<string, unknown>>;
}

export interface CertificateFacts {
  readonly organizations: readonly string[] | null;
  readonly commonName: string;
  readonly keyAlgorithm: string;
  readonly isCA: boolean;
  readonly hours: number;
  readonly keyUsage: number;
  readonly extKeyUsages: readonly number[];
}

export interface OracleAnswer {
  readonly configs: readonly ConfigVerdict[];
  /** By expression: the disks that it fits. */
  readonly matches: readonly { readonly error: string; readonly disks: readonly string[] }[];
  readonly secrets?: {
    readonly error: string;
    readonly authorities: Readonly<Record<string, CertificateFacts>>;
    readonly signedAdmin: CertificateFacts;
  };
  readonly talosconfig?: {
    readonly error: string;
    readonly context: string;
    readonly endpoints: readonly string[];
    readonly client: CertificateFacts;
  };
  readonly generated?: { readonly controlplane: string; readonly worker: string };
}

export type Oracle = (request: OracleRequest) => Promise<OracleAnswer>;

const run = promisify(execFile);

/** The oracle of this Talos release: Talos' own code, asked with one request a process. */
export async function configOracle({ modfile, tags }: OracleVersion): Promise<Oracle> {
  const binary = await buildGo('config-oracle', { modfile, tags });
  return async (request) => {
    const asked = run(binary, { maxBuffer: 64 * 1024 * 1024 });
    asked.child.stdin?.end(JSON.stringify(request));
    return JSON.parse((await asked).stdout) as OracleAnswer;
  };
}
