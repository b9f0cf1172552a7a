import { installerSchematic } from '../../talos/index.ts';
import { fail, type MachineCheck, type MachineSubject, notAnswering, pass, unknown } from './check.ts';

/** Names of the extensions that will be installed; `undefined` when nobody here can tell. */
function installedExtensions({ spec: { talos } }: MachineSubject): readonly string[] | undefined {
  const { schematic, installer = plainInstaller } = talos;
  if (typeof schematic === 'object') {
    const official = schematic.customization?.systemExtensions?.officialExtensions ?? [];
    return official.map((name) => name.replace(/^.*\//, ''));
  }
  return schematic === undefined && installer === plainInstaller ? [] : undefined;
}

const plainInstaller = 'ghcr.io/siderolabs/installer';

/** Whether the machine will have on its disk what it has now, while it is seen to work. */
export const imageChecks: readonly MachineCheck[] = [
  {
    id: 'schematic',
    title: 'what is installed has the extensions that it booted with',
    judge: (subject) => {
      const { spec, entry, talos } = subject;
      if (talos === undefined) return notAnswering(entry.name);
      if (talos.image === undefined) {
        const why = talos.unknown?.find(({ fact }) => fact === 'image')?.why ?? 'Talos does not say it';
        return unknown(`The extensions of the Talos that it booted are not known: ${why}.`, look);
      }
      const { schematic: booted, extensions } = talos.image;
      const wanted = installerSchematic(spec);
      const toInstall = wanted === undefined ? 'the plain installer' : `the schematic ${wanted}`;
      if (wanted !== undefined && booted === wanted) return pass(`It booted ${toInstall}, which is to be installed.`);
      if (extensions.length === 0) return pass(`It booted without extensions; ${toInstall} is to be installed.`);
      const has = `It booted with ${extensions.join(', ')}${booted === undefined ? '' : ` (schematic ${booted})`}`;
      const known = installedExtensions(subject);
      if (known !== undefined) {
        const missing = extensions.filter((name) => !known.includes(name));
        if (missing.length === 0) return pass(`${has}; ${toInstall} has them, too.`);
        return fail(`${has}; ${toInstall} has no ${missing.join(', ')}.`, `${add} ${orNot}`);
      }
      if (wanted !== undefined) return fail(`${has}; ${toInstall} is another one.`, `${add} ${orNot}`);
      return unknown(`${has}; whether talos.installer has them cannot be told from its name.`, look);
    },
  },
];

const look = 'Compare with what the installer was built from, or go on without knowing.';
const add = 'Boot the machine from the UKI of the schematic in talos.schematic, or put what it booted with there.';
const orNot = 'If it does not need them once it is installed, say so with --override.';
