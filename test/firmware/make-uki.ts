import { randomBytes } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addPeSections } from './add-pe-sections.ts';
import { type Architecture, debianPackage, linuxKernel } from './debian-package.ts';
import { runCommand } from './run-command.ts';

export const prompt = 'proof# ';

/** The stand-in for Talos' init: it shows the command line that the kernel got, and a shell. */
const init = `#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
echo "COMMAND-LINE=$(/bin/busybox cat /proc/cmdline)="
export PS1='${prompt}'
exec /bin/busybox setsid /bin/busybox cttyhack /bin/busybox sh
`;

const stubs = { amd64: 'linuxx64.efi.stub', arm64: 'linuxaa64.efi.stub' };

/** Builds a unified kernel image (Debian kernel, busybox, systemd's stub) with this command line, as Talos ships one; padded to the size of one. */
export async function makeUki(
  directory: string,
  architecture: Architecture,
  commandLine: string,
  paddingBytes = 0,
): Promise<string> {
  const work = join(directory, architecture);
  await mkdir(work, { recursive: true });
  const stub = join(
    await debianPackage('systemd-boot-efi', architecture),
    'usr/lib/systemd/boot/efi',
    stubs[architecture],
  );
  const uki = join(directory, `uki-${architecture}.efi`);
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
  await chmod(join(root, 'init'), 0o755);
  if (paddingBytes > 0) await writeFile(join(root, 'padding'), randomBytes(paddingBytes));
  await runCommand('sh', ['-c', 'find . | cpio --quiet -o -H newc > ../initramfs'], root);
  await rm(root, { recursive: true });
  return join(directory, 'initramfs');
}
