import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments } from 'yaml';

/** What Talos up to 1.13 takes up at once of the `machine` section; `cluster` and every other document it does too. */
const immediate: ReadonlySet<string> = new Set(
  `ca acceptedCAs time certSANs install network sysfs sysctls logging controlPlane kubelet kernel registries pods
  seccompProfiles nodeLabels nodeAnnotations nodeTaints`.split(/\s+/),
);
const immediateFeatures: ReadonlySet<string> = new Set(
  'kubernetesTalosAPIAccess kubePrism hostDNS imageCache nodeAddressSortAlgorithm'.split(' '),
);

/** Which part of a new config cannot be taken up while the node runs; `undefined` when all of it can. */
export function needsReboot(before: string, after: string): string | undefined {
  const [old, now] = [machineOf(before), machineOf(after)];
  const changed = (one: Section, other: Section, known: ReadonlySet<string>) =>
    [...new Set([...Object.keys(one), ...Object.keys(other)])].find(
      (key) => !known.has(key) && !isDeepStrictEqual(one[key], other[key]),
    );
  const section = changed(old, now, new Set([...immediate, 'features']));
  if (section !== undefined) return `machine.${section}`;
  const feature = changed(sectionOf(old['features']), sectionOf(now['features']), immediateFeatures);
  return feature === undefined ? undefined : `machine.features.${feature}`;
}

type Section = Readonly<Record<string, unknown>>;

const sectionOf = (value: unknown): Section => (typeof value === 'object' && value !== null ? (value as Section) : {});

const machineOf = (text: string): Section =>
  parseAllDocuments(text)
    .map((document) => sectionOf(document.toJS()))
    .filter(({ kind }) => kind === undefined)
    .map(({ machine }) => sectionOf(machine))[0] ?? {};
