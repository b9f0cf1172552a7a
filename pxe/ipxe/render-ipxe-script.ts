/**
 * The script that starts Talos from iPXE. The kernel is told the name of its initrd, which its EFI stub looks for among
 * the files that iPXE holds; a BIOS kernel gets it from iPXE and does not mind the word. iPXE itself fills in what stands
 * between `${` and `}`.
 */
export function renderIpxeScript(from: {
  /** Without a slash at its end. */
  readonly httpOrigin: string;
  readonly linux: string;
  readonly initrd: string;
  readonly commandLine: string;
}): string {
  const commandLine = from.commandLine.replaceAll(/\s+/g, ' ').trim();
  return [
    '#!ipxe',
    `kernel ${from.httpOrigin}/${from.linux} initrd=${from.initrd} ${commandLine}`.trimEnd(),
    `initrd ${from.httpOrigin}/${from.initrd}`,
    'boot',
    '',
  ].join('\n');
}
