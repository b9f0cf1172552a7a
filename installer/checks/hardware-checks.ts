import { minorOf } from '../../core/rack-spec.ts';
import { fail, type MachineCheck, type MachineSubject, notAnswering, pass, unknown } from './check.ts';

/** Talos' own minimum by role (its system requirements): processor cores, and MiB as a machine of 2 GB and 1 GB reports it. */
const minimum = { controlplane: { cores: 2, memoryMiB: 1900 }, worker: { cores: 1, memoryMiB: 950 } } as const;

/** Why a fact is not there, in the words of whoever tried to read it. */
const whyNot = ({ talos }: MachineSubject, fact: string): string =>
  talos?.unknown?.find((one) => one.fact === fact)?.why ?? 'Talos does not say it in maintenance mode';

const look = 'Look at the inventory of its management controller, or go on without knowing.';

/** Whether the board is fit for its role, and starts what will be installed. */
export const hardwareChecks: readonly MachineCheck[] = [
  {
    id: 'cpu',
    title: 'enough processor cores for the role',
    judge: (subject) => {
      const { entry, talos } = subject;
      if (talos === undefined) return notAnswering(entry.name);
      const processors = talos.hardware?.processors;
      // A virtual machine may name its processors and not their cores.
      if (processors === undefined || processors.length === 0 || processors.some(({ cores }) => cores === undefined))
        return unknown(`The number of cores is not known: ${whyNot(subject, 'processors')}.`, look);
      const cores = processors.reduce((sum, one) => sum + (one.cores ?? 0), 0);
      const wanted = minimum[entry.role].cores;
      const says = `It has ${cores} cores; a ${entry.role} needs ${wanted}.`;
      return cores >= wanted ? pass(says) : fail(says, 'Use a larger machine, or make it a worker.');
    },
  },
  {
    id: 'memory',
    title: 'enough memory for the role',
    judge: (subject) => {
      const { entry, talos } = subject;
      if (talos === undefined) return notAnswering(entry.name);
      const memory = talos.hardware?.memory;
      if (memory === undefined || memory.totalMiB === 0)
        return unknown(`Its memory is not known: ${whyNot(subject, 'memory')}.`, look);
      const wanted = minimum[entry.role].memoryMiB;
      const says = `It has ${memory.totalMiB} MiB; a ${entry.role} needs ${wanted}.`;
      return memory.totalMiB >= wanted ? pass(says) : fail(says, 'Add memory, or make it a worker.');
    },
  },
  {
    id: 'firmware-mode',
    title: 'it was started by UEFI',
    judge: (subject) => {
      const { entry, talos } = subject;
      if (talos === undefined) return notAnswering(entry.name);
      const mode = talos.hardware?.firmwareMode;
      if (mode === undefined)
        return unknown(`The firmware mode is not known: ${whyNot(subject, 'firmwareMode')}.`, look);
      if (mode === 'uefi') return pass('Its firmware runs in UEFI mode.');
      return fail(
        'Its firmware runs in BIOS mode; what is installed then may not start.',
        'Set the firmware to UEFI and boot it again.',
      );
    },
  },
  {
    id: 'secure-boot',
    title: 'Secure Boot and the installer fit',
    judge: (subject) => {
      const { spec, entry, talos } = subject;
      if (talos === undefined) return notAnswering(entry.name);
      const isOn = talos.hardware?.secureBoot;
      const isSigned = spec.talos.secureBoot === true || /secureboot/.test(spec.talos.installer ?? '');
      if (isOn === undefined) return unknown(`Secure Boot is not known: ${whyNot(subject, 'secureBoot')}.`, look);
      if (isOn && !isSigned)
        return fail(
          'Secure Boot is on, and the installer is not the signed one: the machine would not start from its disk.',
          'Set talos.secureBoot in the rack file, or switch Secure Boot off.',
        );
      if (!isOn && isSigned)
        return pass('Secure Boot is off, and the signed installer starts all the same; its keys are not enforced.');
      return pass(isOn ? 'Secure Boot is on, and the installer is signed.' : 'Secure Boot is off.');
    },
  },
  {
    id: 'talos-version',
    title: 'the booted Talos takes the config of the installed one',
    judge: ({ spec, entry, talos }) => {
      if (talos === undefined) return notAnswering(entry.name);
      const [booted, wanted] = [minorNumber(talos.version), minorNumber(spec.talos.version)];
      if (booted === undefined || wanted === undefined)
        return unknown(`It says that it runs Talos ${talos.version}.`, 'Boot it from a release of Talos.');
      const says = `It booted Talos ${talos.version}; ${spec.talos.version} is to be installed.`;
      // An older Talos refuses keys of a newer config; a newer one takes those of an older.
      if (booted >= wanted) return pass(says);
      return fail(says, `Fetch the UKI of Talos ${minorOf(spec.talos.version)}, and boot the machine again.`);
    },
  },
];

const minorNumber = (version: string): number | undefined => {
  const minor = /^v1\.(\d+)\./.exec(version)?.[1];
  return minor === undefined ? undefined : Number(minor);
};
