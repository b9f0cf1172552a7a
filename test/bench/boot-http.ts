import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { isInstalled, load, median } from './bench-process.ts';
import { type BootBench, onLoopback } from './boot-bench.ts';

interface HttpLoad {
  readonly failed: number;
  readonly bytes: number;
  readonly megabytesPerSecond: number;
}

const goals = {
  speed: 'HTTP >= 1.0 of nginx, MB/s',
  cost: 'HTTP processor time <= 0.9 of nginx without sendfile',
};
const connections = 10;
const seconds = 2;

/** A large file over HTTP: how fast, and what a gigabyte costs. */
export async function benchHttp(bench: BootBench): Promise<void> {
  const { report } = bench;
  if (!isInstalled('nginx')) {
    for (const goal of Object.values(goals)) report.addMissing(goal, 'nginx is not installed');
    return;
  }
  const client = bench.compile('http-load');
  await writeFile(bench.path('image'), randomBytes(100_000_000));
  const servers = [
    {
      ...{ name: 'ours', port: 7080, path: '/talos-amd64.efi' },
      server: await bench.startOurs(onLoopback(7069, 7080, bench.path('image'))),
    },
    { name: 'nginx', port: 7280, path: '/image', server: await startNginx(bench, 7280, 'on') },
    { name: 'nginx copy', port: 7281, path: '/image', server: await startNginx(bench, 7281, 'off') },
  ];
  const speeds = new Map<string, number[]>();
  const costs = new Map<string, number[]>();
  // The first round warms up.
  for (let round = 0; round <= bench.rounds; round += 1) {
    for (const { name, port, path, server } of servers) {
      const before = server.cpuSeconds();
      const { bytes, megabytesPerSecond, failed } = await load<HttpLoad>(client, [port, path, connections, seconds]);
      if (round === 0) continue;
      speeds.set(name, [...(speeds.get(name) ?? []), failed > 0 ? 0 : megabytesPerSecond]);
      costs.set(name, [...(costs.get(name) ?? []), (server.cpuSeconds() - before) / (bytes / 1e9)]);
    }
  }
  const ratios = (table: typeof speeds, peer: string) =>
    (table.get('ours') ?? []).map((one, at) => one / (table.get(peer)?.[at] ?? Number.NaN));
  const ours = (table: typeof speeds) => median(table.get('ours') ?? []);
  const control = await readFile('/proc/sys/net/ipv4/tcp_congestion_control', 'utf8').catch(() => 'unknown');
  const speed = `${ours(speeds).toFixed(0)} MB/s, congestion control ${control.trim()}`;
  report.addRatio(goals.speed, ratios(speeds, 'nginx'), { atLeast: 1 }, speed);
  const why = 'one copy out of memory that no cache of the processor holds, so neighbours cost it much';
  report.addRatio(goals.cost, ratios(costs, 'nginx copy'), { atMost: 0.9 }, `${ours(costs).toFixed(3)} s/GB; ${why}`);
  for (const { server } of servers) await server.stop();
}

async function startNginx(bench: BootBench, port: number, sendfile: 'on' | 'off') {
  const config = bench.path(`nginx-${port}.conf`);
  await writeFile(
    config,
    [
      `daemon off; master_process off; pid ${config}.pid; error_log stderr crit; worker_processes 1;`,
      `events { worker_connections 1024; }`,
      `http { access_log off; sendfile ${sendfile}; server { listen 127.0.0.1:${port}; root ${bench.directory}; } }`,
    ].join('\n'),
  );
  return bench.start(['nginx', '-c', config, '-p', bench.directory, '-e', 'stderr']);
}
