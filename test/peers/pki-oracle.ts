import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Schematic } from '../../talos/schematic/schematic.ts';
import { buildGo } from './build-go.ts';

/** The Talos releases whose machinery judges our keys: the newest of each minor that the Go proxy has. */
export const pkiOracleVersions = [
  { talos: 'v1.11.6', modfile: 'go-1.11.mod' },
  { talos: 'v1.12.7', modfile: 'go-1.12.mod' },
  { talos: 'v1.13.9', modfile: 'go.mod' },
  { talos: 'v1.14.0-alpha.2', modfile: 'go-1.14.mod' },
] as const;

interface PkiRequest {
  readonly contract?: string;
  readonly create?: true;
  readonly secrets?: string;
  readonly talosconfig?: string;
  readonly kubeconfig?: string;
  readonly schematics?: readonly Schematic[];
  readonly age?: { readonly identities: string; readonly sealed: string; readonly text: string };
}

type Facts = Readonly<Record<string, unknown>>;

interface PkiAnswer {
  readonly created?: {
    readonly secrets: string;
    readonly talosconfig: string;
    readonly authorities: Readonly<Record<string, Facts>>;
    readonly admin: Facts;
    readonly kubernetesAdmin: Facts;
  };
  readonly secrets?: {
    readonly error: string;
    readonly authorities: Readonly<Record<string, Facts>>;
    readonly signedAdmin: Facts;
    readonly rewritten: string;
  };
  readonly talosconfig?: {
    readonly error: string;
    readonly context: string;
    readonly contexts: Readonly<
      Record<string, { error: string; endpoints: readonly string[]; nodes: readonly string[] | null; client: Facts }>
    >;
  };
  readonly kubeconfig?: {
    readonly error: string;
    readonly context: string;
    readonly server: string;
    readonly client: Facts;
  };
  readonly schematics?: readonly string[];
  readonly age?: { readonly opened: string; readonly sealed: string; readonly recipient: string };
}

export type PkiOracle = (request: PkiRequest) => Promise<PkiAnswer>;

const run = promisify(execFile);

/** Talos' own code of this release, with age and the encoder of Image Factory; one request a process. */
export async function pkiOracle({ modfile }: (typeof pkiOracleVersions)[number]): Promise<PkiOracle> {
  const binary = await buildGo('pki-oracle', { modfile });
  return async (request) => {
    const asked = run(binary, { maxBuffer: 64 * 1024 * 1024 });
    asked.child.stdin?.end(JSON.stringify(request));
    return JSON.parse((await asked).stdout) as PkiAnswer;
  };
}
