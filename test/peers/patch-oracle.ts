import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { FieldTable } from '../../talos/document/config-fields.ts';
import type { TalosContract } from '../../talos/talos-contract.ts';
import { buildGo } from './build-go.ts';

/** The Talos releases whose machinery judges our patches: the newest of each supported minor that the Go proxy has. */
export const patchOracles = [
  { minor: 'v1.11', talos: 'v1.11.6', modfile: 'go-1.11.mod' },
  { minor: 'v1.12', talos: 'v1.12.7', modfile: 'go-1.12.mod' },
  { minor: 'v1.13', talos: 'v1.13.9', modfile: 'go.mod' },
  { minor: 'v1.14', talos: 'v1.14.0-alpha.2', modfile: 'go-1.14.mod' },
] as const;

/** The table of this minor that our patches, diffs and checks go by. */
export const ourFieldTable = (minor: TalosContract): FieldTable =>
  JSON.parse(readFileSync(resolve('talos/document', `fields-${minor}.json`), 'utf8')) as FieldTable;

export interface PatchOracleRequest {
  /** Kinds of documents to describe. */
  readonly kinds?: readonly string[];
  readonly patches?: readonly {
    readonly config: string;
    readonly patches: readonly string[];
    /** What we made of them; empty when we refused. */
    readonly ours: string;
  }[];
  readonly configs?: readonly string[];
}

export interface PatchVerdict {
  /** Empty when Talos took the patches. */
  readonly error: string;
  /** The two results in Talos' own form. */
  readonly patched: string;
  readonly ours: string;
  readonly oursError: string;
}

export interface ValidationVerdict {
  readonly loadError: string;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

export interface PatchOracleAnswer {
  readonly fields?: FieldTable;
  readonly patches: readonly PatchVerdict[];
  readonly configs: readonly ValidationVerdict[];
}

export type PatchOracle = (request: PatchOracleRequest) => Promise<PatchOracleAnswer>;

const run = promisify(execFile);

/** Talos' own code of this release, asked with one request a process. */
export async function patchOracle({ modfile }: (typeof patchOracles)[number]): Promise<PatchOracle> {
  const binary = await buildGo('patch-oracle', { modfile });
  return async (request) => {
    const asked = run(binary, { maxBuffer: 256 * 1024 * 1024 });
    asked.child.stdin?.end(JSON.stringify(request));
    return JSON.parse((await asked).stdout) as PatchOracleAnswer;
  };
}
