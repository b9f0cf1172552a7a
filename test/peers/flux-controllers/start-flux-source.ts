import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Content by path. */
export type SourceFiles = Readonly<Record<string, string>>;

export interface FluxSourceServer {
  readonly port: number;
  /** Makes the files all that is at the head of `main` of http://…/git/REPOSITORY. Gives the revision as Flux writes it. */
  commit(repository: string, files: SourceFiles): Promise<string>;
  /** Puts the files into oci://…/REPOSITORY as one artifact of that tag. Gives the revision as Flux writes it. */
  push(repository: string, tag: string, files: SourceFiles): Promise<string>;
  stop(): Promise<void>;
}

/** A git server and an OCI registry on one port of loopback, both empty; all that they hold is gone after `stop`. */
export async function startFluxSource(executable: string): Promise<FluxSourceServer> {
  const folder = await mkdtemp(join(tmpdir(), 'rackwright-flux-source-'));
  const { stdout: backend } = await git('--exec-path');
  const child = spawn(executable, [folder, join(backend.trim(), 'git-http-backend')], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const port = Number(line);

  /** The folder of a moment that has the files and nothing else. */
  const withFiles = async <T>(files: SourceFiles, use: (tree: string) => Promise<T>): Promise<T> => {
    const tree = await mkdtemp(join(folder, 'tree-'));
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), content);
    }
    const result = await use(tree);
    await rm(tree, { recursive: true });
    return result;
  };

  return {
    port,
    commit: (repository, files) =>
      withFiles(files, async (tree) => {
        const bare = join(folder, repository);
        await git('init', '--quiet', '--bare', '--initial-branch=main', bare);
        const inTree = [`--git-dir=${bare}`, `--work-tree=${tree}`];
        await git(...inTree, 'add', '--all');
        await git(...inTree, 'commit', '--quiet', '--allow-empty', '--message=test');
        return `main@sha1:${(await git(...inTree, 'rev-parse', 'HEAD')).stdout.trim()}`;
      }),
    push: (repository, tag, files) =>
      withFiles(files, async (tree) => {
        const flags = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
        const layer = (await run('tar', ['-C', tree, ...flags, '-czf', '-', '.'], { encoding: 'buffer' })).stdout;
        const digest = await pushArtifact(`http://127.0.0.1:${port}/v2/${repository}`, tag, layer);
        return `${tag}@${digest}`;
      }),
    async stop() {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Nothing of the settings of whoever runs the tests. */
const git = (...args: string[]) =>
  run('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], {
    env: { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  });

/** An artifact in the form of `flux push artifact`, by the push of the OCI distribution specification. */
async function pushArtifact(repository: string, tag: string, layer: Buffer): Promise<string> {
  const config = Buffer.from('{}');
  for (const blob of [config, layer]) {
    await send(`${repository}/blobs/uploads/?digest=${digestOf(blob)}`, 'POST', 'application/octet-stream', blob);
  }
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const describe = (type: string, blob: Buffer) => ({ mediaType: type, digest: digestOf(blob), size: blob.length });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config: describe('application/vnd.cncf.flux.config.v1+json', config),
      layers: [describe('application/vnd.cncf.flux.content.v1.tar+gzip', layer)],
    }),
  );
  await send(`${repository}/manifests/${tag}`, 'PUT', mediaType, manifest);
  return digestOf(manifest);
}

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function send(url: string, method: string, contentType: string, body: Buffer): Promise<void> {
  const headers = { 'content-type': contentType };
  const answer = await fetch(url, { method, headers, body: new Uint8Array(body) });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
}
