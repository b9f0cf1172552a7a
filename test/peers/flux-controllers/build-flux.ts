import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type KubeObject, parseManifests } from '../../../cluster/index.ts';
import { buildGo } from '../build-go.ts';

const run = promisify(execFile);
const directory = 'flux-controllers';

/** The module files whose versions are those of one release of Flux. */
const modfiles = {
  'source-controller': 'go.mod',
  'kustomize-controller': 'kustomize-controller.mod',
} as const;

export interface FluxPrograms {
  /** Paths of Flux' own controllers by name. */
  readonly controllers: ReadonlyMap<string, string>;
  /** What they define, as the release has it, schemas and defaults included. */
  readonly definitions: readonly KubeObject[];
  /** Their Deployments, as their modules have them. */
  readonly deployments: readonly KubeObject[];
  /** A registry and a git server for them to fetch from. */
  readonly source: string;
}

/** The source and kustomize controllers of Flux 2.9.3, built from their own modules, which no line of ours is part of. */
export async function buildFlux(): Promise<FluxPrograms> {
  const controllers = new Map<string, string>();
  const definitions: KubeObject[] = [];
  const deployments: KubeObject[] = [];
  // One after the other: what the second shares with the first is then built already.
  for (const [name, modfile] of Object.entries(modfiles)) {
    const program = `github.com/fluxcd/${name}`;
    controllers.set(name, await buildGo(directory, { modfile, program, isStripped: true }));
    const config = join(await folderOf(program, modfile), 'config');
    definitions.push(...(await objectsIn(join(config, 'crd/bases'))));
    deployments.push(...(await objectsIn(join(config, 'manager'), /^deployment/)));
  }
  return { controllers, definitions, deployments, source: await buildGo(directory) };
}

async function folderOf(module: string, modfile: string): Promise<string> {
  const { stdout } = await run('go', ['mod', 'download', `-modfile=${modfile}`, '-json', module], {
    cwd: resolve('test/peers', directory),
    env: { ...process.env, GOTOOLCHAIN: 'local', GOWORK: 'off', GOFLAGS: '' },
  });
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}

async function objectsIn(folder: string, names = /\.yaml$/): Promise<KubeObject[]> {
  const files = (await readdir(folder)).filter((file) => names.test(file)).sort();
  const texts = await Promise.all(files.map(async (file) => readFile(join(folder, file), 'utf8')));
  return texts.flatMap((text, at) => parseManifests(text, files[at] ?? folder));
}
