import { chmod, copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { linuxKernel } from './linux-kernel.ts';
import { runCommand } from './run-command.ts';

const stub = '/usr/lib/systemd/boot/efi/linuxx64.efi.stub';
const sectionAlignment = 0x10000;
export const prompt = 'proof# ';

/** The stand-in for Talos' init: it shows the command line that the kernel got, and a shell. */
const init = `#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs devtmpfs /dev
echo "COMMAND-LINE=$(/bin/busybox cat /proc/cmdline)="
export PS1='${prompt}'
exec /bin/busybox setsid /bin/busybox cttyhack /bin/busybox sh
`;

/** Builds a unified kernel image (Debian kernel, busybox, systemd's stub) with this command line, as Talos ships one. */
export async function makeUki(directory: string, commandLine: string): Promise<string> {
  const parts: readonly (readonly [string, string])[] = [
    ['.osrel', '/etc/os-release'],
    ['.cmdline', join(directory, 'cmdline')],
    ['.initrd', await makeInitramfs(directory)],
    ['.linux', await linuxKernel()],
  ];
  await writeFile(join(directory, 'cmdline'), commandLine);
  const args: string[] = [];
  let at = aligned(await endOfStub());
  for (const [section, path] of parts) {
    args.push('--add-section', `${section}=${path}`, '--change-section-vma', `${section}=0x${at.toString(16)}`);
    at = aligned(at + (await stat(path)).size);
  }
  const uki = join(directory, 'uki.efi');
  await runCommand('objcopy', [...args, stub, uki]);
  return uki;
}

async function makeInitramfs(directory: string): Promise<string> {
  const root = join(directory, 'root');
  for (const place of ['bin', 'proc', 'dev']) await mkdir(join(root, place), { recursive: true });
  await copyFile('/bin/busybox', join(root, 'bin', 'busybox'));
  await writeFile(join(root, 'init'), init);
  await chmod(join(root, 'init'), 0o755);
  await runCommand('sh', ['-c', 'find . | cpio --quiet -o -H newc > ../initramfs'], root);
  await rm(root, { recursive: true });
  return join(directory, 'initramfs');
}

/** Where the last section of the stub ends in memory; the stub differs from release to release. */
async function endOfStub(): Promise<number> {
  const table = await runCommand('objdump', ['--section-headers', stub]);
  const rows = table.matchAll(/^\s*\d+\s+\S+\s+([0-9a-f]+)\s+([0-9a-f]+)/gm);
  return Math.max(...rows.map(([, size = '', vma = '']) => Number.parseInt(size, 16) + Number.parseInt(vma, 16)));
}

const aligned = (address: number): number => Math.ceil(address / sectionAlignment) * sectionAlignment;
