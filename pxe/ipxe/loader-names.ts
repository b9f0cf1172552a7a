import { bootFiles } from '../boot-file.ts';
import type { Architecture } from '../client-architecture.ts';

/** Names of the iPXE programs in the boot-file table, each once: all, or those that machines of this kind need. */
export function loaderNames(
  of: { readonly architectures?: readonly Architecture[]; readonly firmware?: 'bios' | 'uefi' } = {},
): readonly string[] {
  const { architectures, firmware } = of;
  const rows = bootFiles.filter(
    ({ kind, source, firmware: asks }) =>
      kind === 'network-loader' &&
      (architectures === undefined || (source !== undefined && architectures.includes(source))) &&
      (firmware === undefined || asks.startsWith(`${firmware}-`)),
  );
  return [...new Set(rows.map(({ name }) => name))];
}
