import { usualLans, ways } from './firmware-runs.ts';
import { type Lan, lans } from './provisioning-network.ts';
import { runCommand } from './run-command.ts';
import type { RunResult } from './run-firmware.ts';

const packages = [
  'ovmf',
  'qemu-efi-aarch64',
  'qemu-system-x86',
  'seabios',
  'u-boot-qemu',
  'ipxe',
  'ipxe-qemu',
  'dnsmasq-base',
] as const;
type Versions = Readonly<Record<(typeof packages)[number], string>>;

/** Upstream versions of the foreign programs: what the distribution mends in them is left out. */
export async function readVersions(): Promise<Versions> {
  const rows = await Promise.all(
    packages.map(async (name) => {
      const full = (await runCommand('dpkg-query', ['-W', '-f', '${Version}', name])).trim();
      return [name, full.replace(/^\d+:/, '').replace(/[-+~].*$/, '')] as const;
    }),
  );
  return Object.fromEntries(rows) as Versions;
}

/** docs/firmware.md, from what was seen and from nothing else. */
export function renderFirmwarePage(results: readonly RunResult[], versions: Versions): string {
  const allLans: readonly Lan[] = usualLans;
  const everywhere = ways.filter(({ beside }) => beside === undefined);
  const once = results.filter(({ run }) => run.way.beside !== undefined && !run.isStranger);
  const resultOf = (way: string, lan: Lan) =>
    results.find(({ run }) => run.way.id === way && run.lan === lan && !run.isStranger);
  const stranger = results.find(({ run }) => run.isStranger);
  return `# Firmware that was booted

Made by the suite \`test/firmware\` from what it saw; it fails when this page says anything else. Nothing here was run on real
hardware. Each machine is powered on in QEMU ${versions['qemu-system-x86']} without KVM, in a network of its own, beside another host with dnsmasq
${versions['dnsmasq-base']} as the network's DHCP server. Rackwright answers on the ports 67, 4011, 69 and 8080. The boot file is a UKI that stands in for
Talos: Debian's cloud kernel, busybox, systemd's stub. *Boots* means: Linux runs with the command line that is embedded in the
UKI, and a shell answers what is typed.

Firmware: OVMF ${versions['ovmf']}, AAVMF ${versions['qemu-efi-aarch64']}, SeaBIOS ${versions['seabios']}, U-Boot ${versions['u-boot-qemu']}, QEMU's iPXE ROM ${versions['ipxe-qemu']}, Debian's iPXE ${versions['ipxe']}.

| way to boot | ${allLans.map((lan) => `the DHCP server ${lans[lan].words}`).join(' | ')} |
|---|${allLans.map(() => '---').join('|')}|
${everywhere.map((way) => `| ${way.name} | ${allLans.map((lan) => outcomeOf(resultOf(way.id, lan))).join(' | ')} |`).join('\n')}

What was run in one place only:

| way to boot | the DHCP server | |
|---|---|---|
${once.map((result) => `| ${result.run.way.name} | ${lans[result.run.lan].words} | ${outcomeOf(result)} |`).join('\n')}

Not in the rack: OVMF by PXE asks three times and ${stranger?.lines.some((line) => line['type'] === 'sent') ? 'is answered' : 'gets not one datagram'}.

## What each asks, and what it gets

| way to boot | asks as | is answered | fetches |
|---|---|---|---|
${ways.map((way) => `| ${way.name} | ${talkOf(resultOf(way.id, way.beside?.[0] ?? 'silent')).join(' | ')} |`).join('\n')}

Datagram by datagram: \`pxe/testdata/captures\`.

## What to know

- **Option 60 on the network's DHCP server** (\`PXEClient\` without a boot file) makes firmware take that server for the one that
  has the boot file: EDK2's PXE asks it on port 4011 and nobody else, iPXE takes its empty offer. No offer without an
  address can win against it: take the option off the server ([how](runbooks/option-60.md)), or give firmware its addresses with
  \`boot.dhcp: firmware\`. UEFI HTTP boot does not mind.
- **Secure Boot** refuses a UKI whose signature it does not know with \`Access Denied\`; \`rackwright boot trace\` says so. The key of the
  row that boots is the one that Debian publishes for tests.
- **U-Boot** takes its boot file from the server that gave its address: it has no ears for a second offer. So it boots where that server
  is Rackwright, or was told by \`rackwright dhcp print\`.
- **iPXE** prefers a file name that came with its address, be it of long ago. Offers to iPXE therefore have a higher priority (option
  175, sub-option 1), and win.
- **undionly.kpxe**: the iPXE ROM is the only BIOS network ROM that could be had. For this row the test takes iPXE's own options out
  of its messages until the loader was fetched, so that it is answered as another maker's ROM would be. The first offer then has
  no priority, and the ROM, which is iPXE after all, is led astray; what another ROM does there was not seen.
- **Two steps**: no firmware that could be had insists on port 4011. EDK2 asks there when the offer has no option 43; for that row the
  test takes it out of our offers.
- Not run: IPv6, and Secure Boot on arm64.
`;
}

function outcomeOf(result: RunResult | undefined): string {
  if (result === undefined) return '–';
  const { outcome } = result;
  return outcome.kind === 'booted'
    ? 'boots'
    : outcome.kind === 'failed'
      ? `stops with \`${outcome.console.trim()}\``
      : outcome.kind === 'disk'
        ? 'starts its disk'
        : 'ignored';
}

/** The classes that it asked as, what was decided, what it fetched. */
function talkOf(result: RunResult | undefined): string[] {
  const texts = (type: string, of: string) => [
    ...new Set(result?.lines.filter((line) => line['type'] === type).map((line) => `\`${String(line[of])}\``)),
  ];
  return [
    texts('boot.decided', 'firmware').join(', then '),
    texts('boot.decided', 'decision').join(', then '),
    texts('file.served', 'file').join(', '),
  ];
}
