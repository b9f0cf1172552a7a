import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = resolve('test/peers/.cache');

/**
 * The path of the Go program in test/peers/<directory>, built when its source changed since the last time. Needs Go;
 * the first build fetches modules through Go's own proxy, later ones work without a network.
 */
export async function buildGo(directory: string, modfile = 'go.mod', tags = ''): Promise<string> {
  const source = resolve('test/peers', directory);
  const hash = createHash('sha256').update(modfile).update(tags);
  for (const name of (await readdir(source)).sort()) hash.update(name).update(await readFile(join(source, name)));
  const binary = join(cache, `${directory}-${hash.digest('hex').slice(0, 16)}`);
  if (await exists(binary)) return binary;
  await mkdir(cache, { recursive: true });
  const unfinished = `${binary}.${process.pid}`;
  await run(
    'go',
    ['build', '-mod=readonly', '-buildvcs=false', `-modfile=${modfile}`, '-tags', tags, '-o', unfinished, '.'],
    {
      cwd: source,
      env: { ...process.env, GOTOOLCHAIN: 'local', GOWORK: 'off', CGO_ENABLED: '0' },
    },
  );
  await rename(unfinished, binary);
  return binary;
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
