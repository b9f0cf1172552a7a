import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeCredentials } from '../../lab/kube-credentials.ts';

/**
 * Builds the real kube-apiserver and etcd once for each change of the module, which takes minutes; after that it is
 * kept beside the other peers. Gives the path of the executable.
 */
export async function buildControlPlane(): Promise<string> {
  const sources = ['main.go', 'go.mod', 'go.sum'].map((name) => readFileSync(join(import.meta.dirname, name)));
  const digest = createHash('sha256').update(Buffer.concat(sources)).digest('hex').slice(0, 16);
  const cache = join(import.meta.dirname, '..', '.cache');
  const built = join(cache, `kube-apiserver-${digest}`);
  if (existsSync(built)) return built;
  mkdirSync(cache, { recursive: true });
  const unfinished = `${built}.${process.pid}`;
  const flags = ['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-o', unfinished, '.'];
  const go = spawn('go', flags, { cwd: import.meta.dirname, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(go, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`go build ended with ${String(code)}`);
  renameSync(unfinished, built);
  return built;
}

export interface ControlPlane {
  readonly port: number;
  stop(): Promise<void>;
}

/** A kube-apiserver on loopback with an etcd of its own, ready to be asked; all that it wrote is gone after `stop`. */
export async function startControlPlane(executable: string, credentials: KubeCredentials): Promise<ControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), 'rackwright-kube-'));
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const port = await freePort();
  const serverKey = file('server.key', credentials.server.key);
  const flags = {
    'bind-address': '127.0.0.1',
    'secure-port': String(port),
    // Only written into an Endpoints object, which nobody here reads.
    'advertise-address': '192.0.2.1',
    'endpoint-reconciler-type': 'none',
    'tls-cert-file': file('server.crt', credentials.server.crt),
    'tls-private-key-file': serverKey,
    'client-ca-file': file('ca.crt', credentials.authority.crt),
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': serverKey,
    'service-account-signing-key-file': serverKey,
    'service-cluster-ip-range': '10.96.0.0/16',
    'authorization-mode': 'RBAC',
    'anonymous-auth': 'false',
  };
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const child = spawn(executable, [join(folder, 'etcd'), `http://127.0.0.1:${await freePort()}`, ...args], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words = `${words}${chunk.toString()}`.slice(-4000);
  });
  const ended = once(child, 'exit');
  return {
    port,
    async stop() {
      const endedByItself = child.exitCode !== null;
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
      if (endedByItself) throw new Error(`the API server ended by itself:\n${words}`);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const closed = once(server, 'close');
  server.close();
  await closed;
  return typeof address === 'object' && address !== null ? address.port : 0;
}
