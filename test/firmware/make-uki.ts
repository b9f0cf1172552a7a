import { randomBytes } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addPeSections } from './add-pe-sections.ts';
import { type Architecture, debianPackage, linuxKernel, linuxModules } from './debian-package.ts';
import { runCommand } from './run-command.ts';

export const prompt = 'proof# ';

/** What Debian's cloud kernel needs for the network card, in the order in which it takes them. */
const modules = [
  'virtio_ring',
  'virtio',
  'virtio_pci_legacy_dev',
  'virtio_pci_modern_dev',
  'virtio_pci',
  'failover',
  'net_failover',
  'virtio_net',
];

/** The stand-in for Talos' init: it shows the command line that the kernel got, what is at `talos.config`, and a shell. */
const init = `#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
echo "COMMAND-LINE=$(/bin/busybox cat /proc/cmdline)="
url=$(/bin/busybox sed -n 's/.*talos.config=\\([^ ]*\\).*/\\1/p' /proc/cmdline)
if [ -n "$url" ]; then
  for module in ${modules.join(' ')}; do /bin/busybox insmod /$module.ko; done
  /bin/busybox ip link set eth0 up
  /bin/busybox udhcpc -q -n -i eth0 -s /lease > /dev/null 2>&1
  for time in first second; do
    echo "CONFIG-$time-TIME=$(/bin/busybox wget -q -O - "$url" 2>&1)="
  done
fi
export PS1='${prompt}'
exec /bin/busybox setsid /bin/busybox cttyhack /bin/busybox sh
`;

/** What udhcpc calls with the lease that it got. */
const lease = `#!/bin/busybox sh
[ "$1" != bound ] || /bin/busybox ip address add "$ip/24" dev "$interface"
`;

const stubs = { amd64: 'linuxx64.efi.stub', arm64: 'linuxaa64.efi.stub' };

/** Builds a unified kernel image (Debian kernel, busybox, systemd's stub) with this command line, as Talos ships one; padded to the size of one. */
export async function makeUki(
  directory: string,
  architecture: Architecture,
  commandLine: string,
  { paddingBytes = 0, name = `uki-${architecture}.efi` } = {},
): Promise<string> {
  const work = join(directory, architecture);
  await mkdir(work, { recursive: true });
  const stub = join(
    await debianPackage('systemd-boot-efi', architecture),
    'usr/lib/systemd/boot/efi',
    stubs[architecture],
  );
  const uki = join(directory, name);
  await writeFile(
    uki,
    addPeSections(await readFile(stub), [
      ['.osrel', await readFile('/etc/os-release')],
      ['.cmdline', new TextEncoder().encode(commandLine)],
      ['.initrd', await readFile(await makeInitramfs(work, architecture, paddingBytes))],
      ['.linux', await readFile(await linuxKernel(architecture))],
    ]),
  );
  return uki;
}

async function makeInitramfs(directory: string, architecture: Architecture, paddingBytes: number): Promise<string> {
  const root = join(directory, 'root');
  for (const place of ['bin', 'proc', 'sys', 'dev']) await mkdir(join(root, place), { recursive: true });
  const busybox = join(await debianPackage('busybox-static', architecture), 'bin/busybox');
  await copyFile(busybox, join(root, 'bin', 'busybox'));
  await writeFile(join(root, 'init'), init);
  await writeFile(join(root, 'lease'), lease);
  for (const script of ['init', 'lease']) await chmod(join(root, script), 0o755);
  for (const [name, path] of await linuxModules(architecture, modules)) await copyFile(path, join(root, `${name}.ko`));
  if (paddingBytes > 0) await writeFile(join(root, 'padding'), randomBytes(paddingBytes));
  await runCommand('sh', ['-c', 'find . | cpio --quiet -o -H newc > ../initramfs'], root);
  await rm(root, { recursive: true });
  return join(directory, 'initramfs');
}
