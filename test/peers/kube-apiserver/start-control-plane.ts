import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeCredentials } from '../../lab/kube-credentials.ts';
import { buildGo } from '../build-go.ts';
import { freePorts } from '../free-ports.ts';

/** The path of the real kube-apiserver and etcd in one program. */
export const buildControlPlane = (): Promise<string> => buildGo('kube-apiserver', { isStripped: true });

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
  const [port = 0, etcdPort = 0] = await freePorts(2);
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
  const child = spawn(executable, [join(folder, 'etcd'), `http://127.0.0.1:${etcdPort}`, ...args], {
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
