import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = resolve('test/peers/.cache');

export interface GoBuild {
  /** Which of the module files, one for each release of the peer; go.mod when left out. */
  readonly modfile?: string;
  readonly tags?: string;
  /** Without symbols and paths: for a program that is large. */
  readonly isStripped?: boolean;
  /** Import path of a program of another module that the module file names as a tool; the directory's own when left out. */
  readonly program?: string;
}

/**
 * The path of the Go program in test/peers/<directory>, built when its source changed since the last time. Needs Go;
 * the first build fetches modules through Go's own proxy and may take minutes, later ones work without a network. It
 * leaves the machine to others meanwhile.
 */
export async function buildGo(directory: string, build: GoBuild = {}): Promise<string> {
  const { modfile = 'go.mod', tags = '', isStripped = false, program = '.' } = build;
  const source = resolve('test/peers', directory);
  const hash = createHash('sha256').update(modfile).update(tags);
  // Of another module's program nothing here counts but the versions.
  const isSource = program === '.' ? /\.(go|mod|sum)$/ : new RegExp(`^${basename(modfile, '.mod')}\\.(mod|sum)$`);
  const names = (await readdir(source)).filter((name) => isSource.test(name)).sort();
  for (const name of names) hash.update(name).update(await readFile(join(source, name)));
  const name = program === '.' ? directory : basename(program);
  const binary = join(cache, `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (await exists(binary)) return binary;
  await mkdir(cache, { recursive: true });
  const unfinished = `${binary}.${process.pid}`;
  const flags = ['-mod=readonly', '-buildvcs=false', `-modfile=${modfile}`, '-tags', tags];
  if (isStripped) flags.push('-trimpath', '-ldflags', '-s -w');
  await run('nice', ['-n', '10', 'go', 'build', ...flags, '-o', unfinished, program], {
    cwd: source,
    env: { ...process.env, GOTOOLCHAIN: 'local', GOWORK: 'off', CGO_ENABLED: '0' },
    maxBuffer: 16 * 2 ** 20,
  });
  await rename(unfinished, binary);
  return binary;
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
