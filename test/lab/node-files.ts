import { takeSnapshot } from './bootstrap-etcd.ts';
import type { TalosNode } from './talos-node.ts';

/** The files of a node by path, with the directories above them. */
export function filesOf(node: TalosNode): ReadonlyMap<string, Uint8Array | 'directory'> {
  const { host, config, systemDisk } = node;
  const install = systemDisk?.install;
  const files = new Map<string, Uint8Array | 'directory'>([['', 'directory']]);
  const put = (path: string, content: Uint8Array | string) => {
    const parts = path.split('/');
    for (let length = 2; length < parts.length; length += 1) files.set(parts.slice(0, length).join('/'), 'directory');
    files.set(path, Buffer.from(content));
  };
  const makeDirectory = (path: string) => {
    put(path, '');
    files.set(path, 'directory');
  };
  put('/proc/sys/kernel/random/boot_id', `${node.bootId}\n`);
  put('/proc/cmdline', 'talos.platform=metal console=tty0 init_on_alloc=1\n');
  put('/proc/meminfo', 'MemTotal:       32768000 kB\n');
  put('/etc/os-release', `NAME="Talos"\nID=talos\nVERSION_ID=${node.version}\n`);
  put('/etc/hostname', `${node.hostname}\n`);
  makeDirectory('/var');
  if (config === undefined || install === undefined) return files;
  makeDirectory('/var/lib');
  makeDirectory('/var/lib/kubelet');
  if (config.type === 'controlplane') makeDirectory('/var/lib/etcd');
  const cluster = host.fabric.etcd.byId(install.etcd?.clusterId ?? 0n);
  if (config.type === 'controlplane' && cluster !== undefined) {
    put('/var/lib/etcd/member/snap/db', takeSnapshot(cluster).subarray(0, -32));
    put('/var/lib/etcd/member/wal/0.wal', '');
  }
  return files;
}
