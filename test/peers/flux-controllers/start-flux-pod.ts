import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeClock } from '../../../bin/platform/node-clock.ts';
import { dig, digList, digText, type KubeObject } from '../../../cluster/kube-object.ts';
import { millis } from '../../../core/millis.ts';
import { freePorts } from '../free-ports.ts';

export interface FluxPod {
  /** Lets a controller do nothing more until `resume`. */
  freeze(container: string): void;
  resume(container: string): void;
  /** Ends every process. Throws with its last words when one had ended by itself. */
  stop(): Promise<void>;
}

interface PodHost {
  /** Programs by the name of the container; containers without one are left out. */
  readonly programs: ReadonlyMap<string, string>;
  /** What a pod finds in its service account's folder. */
  readonly kubeconfig: string;
}

/**
 * Does what a kubelet does with the pod of a Deployment: each container gets its arguments, variables and volumes as the
 * Deployment says, and its readiness probe is asked until it answers. Host ports are others, so that two tests can run on one
 * machine: in arguments and variables they are replaced alike.
 */
export async function startFluxPod(deployment: KubeObject, { programs, kubeconfig }: PodHost): Promise<FluxPod> {
  const folder = await mkdtemp(join(tmpdir(), 'rackwright-flux-'));
  const access = join(folder, 'kubeconfig');
  await writeFile(access, kubeconfig, { mode: 0o600 });
  const all = digList(deployment, 'spec', 'template', 'spec', 'containers');
  const hostPort = await portsOf(all);
  const namespace = deployment.metadata.namespace ?? 'default';
  const running = new Map<string, Container>();
  for (const container of all) {
    const name = digText(container, 'name') ?? '';
    const program = programs.get(name);
    if (program === undefined) continue;
    const inPod = await mountsOf(container, join(folder, name));
    const variables = variablesOf(container, namespace);
    const here = (text: string) =>
      inPod(expand(text, variables)).replace(/:(\d+)/g, (_, port: string) => `:${hostPort(port) ?? port}`);
    const env = Object.fromEntries([...variables].map(([key, value]) => [key, here(value)]));
    const args = digList(container, 'args').map((arg) => here(String(arg)));
    // Who is no pod has no service account's folder, by which a controller finds the namespace of its lock.
    const own = args.filter((arg) => arg !== '--enable-leader-election');
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...own], {
      cwd: folder,
      env: { ...env, PATH: process.env['PATH'], HOME: folder, TMPDIR: inPod('/tmp'), KUBECONFIG: access },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.set(name, watch(name, child));
  }
  const isReady = (name: string) => {
    const probe = dig(
      all.find((one) => digText(one, 'name') === name),
      'readinessProbe',
      'httpGet',
    );
    const port = hostPort(String(dig(probe, 'port')));
    return () => answers(`http://127.0.0.1:${port}${digText(probe, 'path') ?? '/'}`);
  };
  // The notification controller is no program here; without an answer each event would be tried again for 15 s.
  const sink = createServer((_, answer) => answer.writeHead(202).end());
  const events = all.flatMap((one) => digList(one, 'ports')).find((one) => /^events/.test(digText(one, 'name') ?? ''));
  sink.listen(Number(hostPort(String(dig(events, 'containerPort')))), '127.0.0.1');
  await once(sink, 'listening');
  for (const [name, container] of running) await container.until(isReady(name));
  return {
    freeze: (name) => running.get(name)?.child.kill('SIGSTOP'),
    resume: (name) => running.get(name)?.child.kill('SIGCONT'),
    async stop() {
      const words: string[] = [];
      for (const container of running.values()) words.push(...(await container.end()));
      sink.closeAllConnections();
      sink.close();
      await rm(folder, { recursive: true, force: true });
      if (words.length > 0) throw new Error(words.join('\n'));
    },
  };
}

interface Container {
  readonly child: ChildProcess;
  until(isSo: () => Promise<boolean>): Promise<void>;
  end(): Promise<readonly string[]>;
}

function watch(name: string, child: ChildProcess): Container {
  let words = '';
  const hear = (chunk: Buffer) => {
    words = `${words}${chunk.toString()}`.slice(-4000);
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  const ended = once(child, 'exit');
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    child,
    async until(isSo) {
      while (!(await isSo())) {
        if (hasEnded()) throw new Error(`${name} ended:\n${words}`);
        await nodeClock.sleep(millis(50));
      }
    },
    async end() {
      const byItself = hasEnded();
      child.kill('SIGKILL');
      await ended;
      return byItself ? [`${name} had ended by itself:\n${words}`] : [];
    },
  };
}

/** A free port for each port of the pod; `undefined` for what is none of them. */
async function portsOf(containers: readonly unknown[]): Promise<(port: string) => string | undefined> {
  const wished = containers.flatMap((one) => digList(one, 'ports')).map((one) => String(dig(one, 'containerPort')));
  const free = await freePorts(wished.length);
  const mapped = new Map(wished.map((port, at) => [port, String(free[at])]));
  return (port) => mapped.get(port);
}

/** Makes a folder for each mount, and gives what puts it in the place of its path in the container. */
async function mountsOf(container: unknown, folder: string): Promise<(text: string) => string> {
  const paths = digList(container, 'volumeMounts').map((one) => digText(one, 'mountPath') ?? '');
  for (const path of paths) await mkdir(join(folder, path), { recursive: true });
  return (text) =>
    text.replace(/(^|=)(\/[^/=]+)/, (all, before: string, path: string) =>
      paths.includes(path) ? `${before}${join(folder, path)}` : all,
    );
}

/** Variables with a value, and those of the pod's own metadata; limits of memory do not hold here. */
function variablesOf(container: unknown, namespace: string): ReadonlyMap<string, string> {
  return new Map(
    digList(container, 'env').flatMap((one): [string, string][] => {
      const isNamespace = digText(one, 'valueFrom', 'fieldRef', 'fieldPath') === 'metadata.namespace';
      const value = isNamespace ? namespace : digText(one, 'value');
      return value === undefined ? [] : [[digText(one, 'name') ?? '', value]];
    }),
  );
}

const expand = (text: string, variables: ReadonlyMap<string, string>) =>
  text.replace(/\$\(([A-Z_]+)\)/g, (all, name: string) => variables.get(name) ?? all);

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    (answer) => answer.ok,
    () => false,
  );
