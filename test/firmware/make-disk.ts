import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a machine with BIOS says that has started its disk. */
export const diskWords = 'started from the local disk';

/** For QEMU: the second choice of the firmware, behind the network. */
const attach = (drive: string) => [
  '-drive',
  `id=d0,if=none,${drive}`,
  '-device',
  'virtio-blk-pci,drive=d0,bootindex=2',
];

/**
 * A boot sector that writes {@link diskWords} to the first serial port and halts: it sets DS to 0, then sends each byte of
 * the text behind it to port 0x3f8 until there is a zero.
 */
export async function makeBiosDisk(directory: string): Promise<readonly string[]> {
  const code = [
    0x31, 0xc0, 0x8e, 0xd8, 0xbe, 0x16, 0x7c, 0xfc, 0xac, 0x84, 0xc0, 0x74, 0x06, 0xba, 0xf8, 0x03, 0xee, 0xeb, 0xf5,
    0xf4, 0xeb, 0xfd,
  ];
  const disk = new Uint8Array(1024 * 1024);
  disk.set([...code, ...new TextEncoder().encode(`\r\n${diskWords}\r\n`)]);
  disk.set([0x55, 0xaa], 510);
  const path = join(directory, 'bios-disk.raw');
  await writeFile(path, disk);
  return attach(`format=raw,snapshot=on,file=${path}`);
}

/** A disk with an EFI system partition, from which UEFI firmware starts this program. */
export async function makeEfiDisk(directory: string, program: string): Promise<readonly string[]> {
  const root = join(directory, 'efi-disk');
  await mkdir(join(root, 'EFI', 'BOOT'), { recursive: true });
  await copyFile(program, join(root, 'EFI', 'BOOT', 'BOOTX64.EFI'));
  return attach(`format=raw,file=fat:${root},readonly=on`);
}
