import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { validateConfig } from '../../talos/validate/validate-config.ts';
import { type PatchOracle, patchOracle, patchOracles } from './patch-oracle.ts';
import { singleChanges, type ValidationCase, validationCases } from './validation-cases.ts';

/** Where we refuse what this Talos takes, or the other way round, by what we or it say of it, and why. */
const accepted: readonly { readonly says: RegExp; readonly minors: string; readonly why: string }[] = [
  {
    says: /install instructions are required|controlplane endpoint is required|etcd encryption config is required/,
    minors: 'v1.14',
    why: 'the release candidate asks for less than the alpha, and we follow it',
  },
  {
    says: /"(DiscoveryServiceConfig|Kube\w+Config)" "v1alpha1": not registered|unexpected type for yaml/,
    minors: 'v1.14',
    why: 'the alpha does not have these documents yet',
  },
  {
    says: /says what cluster\.discovery|is for control planes only/,
    minors: 'v1.14',
    why: 'the alpha does not compare these documents yet',
  },
];

describe.each(patchOracles)('Talos $talos', (version) => {
  const { minor } = version;
  let ask: PatchOracle;

  beforeAll(async () => {
    ask = await patchOracle(version);
  });

  const compare = async (cases: readonly ValidationCase[]) => {
    const { configs } = await ask({ configs: cases.map(({ yaml }) => yaml) });
    const seen = { taken: 0, refused: 0 };
    for (const [at, { loadError, errors }] of configs.entries()) {
      const { yaml, made } = cases[at]!;
      const theirs = [...(loadError === '' ? [] : [loadError]), ...errors];
      const ours = validateConfig(yaml, { minor }).map(({ path, message }) => `${path}: ${message}`);
      seen[theirs.length === 0 ? 'taken' : 'refused']++;
      const isKnown = [...theirs, ...ours].some((text) =>
        accepted.some(({ says, minors }) => minors.includes(minor) && says.test(text)),
      );
      if (isKnown) continue;
      const story = `${JSON.stringify(made)}\nTalos: ${theirs.join('; ')}\nwe: ${ours.join('; ')}\n${yaml}`;
      expect(ours.length > 0, story).toBe(theirs.length > 0);
    }
    return seen;
  };

  it('takes and refuses the same single changes of a good config as we do', async () => {
    const seen = await compare(singleChanges);
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(60);
  });

  it('takes and refuses the same combinations of them', async () => {
    const seen = await compare(fc.sample(validationCases, { numRuns: 600, seed: 4 }));
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(60);
  });
});
