/** What a machine is made of, in the words of Talos' release files. */
export type Architecture = 'amd64' | 'arm64';

export interface ClientArchitecture {
  readonly firmware: 'bios' | 'uefi' | 'u-boot' | 'other';
  readonly architecture?: Architecture;
  readonly name: string;
}

/**
 * What firmware of each number is called. Processor architecture types of option 93 (RFC 4578 section 2.1 and the IANA registry "Processor Architecture Types").
 * x64 machines announce 7 or 9, depending on how their maker read RFC 4578.
 */
const architectures: Readonly<Record<number, ClientArchitecture>> = {
  0: { firmware: 'bios', architecture: 'amd64', name: 'x86 BIOS' },
  1: { firmware: 'bios', name: 'NEC PC-98' },
  2: { firmware: 'uefi', name: 'Itanium UEFI' },
  3: { firmware: 'other', name: 'DEC Alpha' },
  4: { firmware: 'other', name: 'Arc x86' },
  5: { firmware: 'other', name: 'Intel Lean Client' },
  6: { firmware: 'uefi', name: 'x86 UEFI (32 bit)' },
  7: { firmware: 'uefi', architecture: 'amd64', name: 'x64 UEFI' },
  9: { firmware: 'uefi', architecture: 'amd64', name: 'x64 UEFI (EBC)' },
  8: { firmware: 'uefi', name: 'XScale UEFI' },
  10: { firmware: 'uefi', name: 'arm32 UEFI' },
  11: { firmware: 'uefi', architecture: 'arm64', name: 'arm64 UEFI' },
  12: { firmware: 'other', name: 'PowerPC Open Firmware' },
  13: { firmware: 'other', name: 'PowerPC ePAPR' },
  14: { firmware: 'other', name: 'POWER OPAL' },
  15: { firmware: 'uefi', name: 'x86 UEFI (32 bit) HTTP' },
  16: { firmware: 'uefi', architecture: 'amd64', name: 'x64 UEFI HTTP' },
  17: { firmware: 'uefi', name: 'EBC UEFI HTTP' },
  18: { firmware: 'uefi', name: 'arm32 UEFI HTTP' },
  19: { firmware: 'uefi', architecture: 'arm64', name: 'arm64 UEFI HTTP' },
  20: { firmware: 'bios', architecture: 'amd64', name: 'x86 BIOS HTTP' },
  21: { firmware: 'u-boot', name: 'arm32 U-Boot' },
  22: { firmware: 'u-boot', architecture: 'arm64', name: 'arm64 U-Boot' },
  23: { firmware: 'u-boot', name: 'arm32 U-Boot HTTP' },
  24: { firmware: 'u-boot', architecture: 'arm64', name: 'arm64 U-Boot HTTP' },
  25: { firmware: 'uefi', name: 'RISC-V 32 UEFI' },
  26: { firmware: 'uefi', name: 'RISC-V 32 UEFI HTTP' },
  27: { firmware: 'uefi', name: 'RISC-V 64 UEFI' },
  28: { firmware: 'uefi', name: 'RISC-V 64 UEFI HTTP' },
  29: { firmware: 'uefi', name: 'RISC-V 128 UEFI' },
  30: { firmware: 'uefi', name: 'RISC-V 128 UEFI HTTP' },
  31: { firmware: 'other', name: 's390 basic' },
  32: { firmware: 'other', name: 's390 extended' },
  33: { firmware: 'uefi', name: 'MIPS 32 UEFI' },
  34: { firmware: 'uefi', name: 'MIPS 64 UEFI' },
  35: { firmware: 'uefi', name: 'Sunway 32 UEFI' },
  36: { firmware: 'uefi', name: 'Sunway 64 UEFI' },
  37: { firmware: 'uefi', name: 'LoongArch 32 UEFI' },
  38: { firmware: 'uefi', name: 'LoongArch 32 UEFI HTTP' },
  39: { firmware: 'uefi', name: 'LoongArch 64 UEFI' },
  40: { firmware: 'uefi', name: 'LoongArch 64 UEFI HTTP' },
  41: { firmware: 'other', name: 'arm rpiboot' },
};

/** The row of one number; a number without a row is an unknown architecture, not an error. */
export function clientArchitecture(type: number): ClientArchitecture {
  return architectures[type] ?? { firmware: 'other', name: `architecture type ${type}` };
}

/** What a client announces, in words: most announce one. */
export function architectureNames(types: readonly number[]): string {
  const [first = -1] = types;
  return types.length === 1
    ? clientArchitecture(first).name
    : types.map((type) => clientArchitecture(type).name).join(', ');
}
