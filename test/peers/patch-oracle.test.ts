import { resolve } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Fault } from '../../core/fault.ts';
import { documentKinds, type FieldTable } from '../../talos/document/config-fields.ts';
import { applyPatches } from '../../talos/patch/apply-patches.ts';
import { talosContracts } from '../../talos/talos-contract.ts';
import { type PatchCase, patchCases } from './patch-cases.ts';
import { ourFieldTable, type PatchOracle, type PatchVerdict, patchOracle, patchOracles } from './patch-oracle.ts';

const count = 500;
const allKinds = ['', ...new Set(talosContracts.flatMap(documentKinds))];

/** Where we differ from Talos on purpose, by what each says there, and why. */
const accepted: readonly {
  readonly ours: RegExp;
  readonly talos: RegExp;
  readonly minors: string;
  readonly why: string;
}[] = [
  {
    ours: /lookup failed: the config has no .* to delete from/,
    talos: /^$/,
    minors: 'v1.11 v1.12 v1.13',
    why: 'Talos puts the deletion itself into the config, which nothing can load until the next patch deletes it again',
  },
  {
    ours: /^$/,
    talos: /unexpected type for yaml sequence: meta.ArgValue/,
    minors: 'v1.14',
    why: 'the alpha cannot read a list of arguments, which the release candidate can',
  },
];

describe.each(patchOracles)('Talos $talos', (version) => {
  const { minor, talos } = version;
  const isReleased = minor !== 'v1.14';
  let ask: PatchOracle;
  let fields: FieldTable;

  beforeAll(async () => {
    ask = await patchOracle(version);
    fields = (await ask({ kinds: allKinds })).fields!;
  });

  const ours = ({ config, patches }: PatchCase): { text: string; refusal: string } => {
    try {
      const all = patches.map((text, at) => ({ file: `${at}`, text }));
      return { text: applyPatches(config, { all }, minor), refusal: '' };
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'talos/patch-refused')
        return { text: '', refusal: thrown.message };
      throw thrown;
    }
  };

  const compare = async (cases: readonly PatchCase[]) => {
    const made = cases.map(ours);
    const { patches } = await ask({ patches: cases.map((one, at) => ({ ...one, ours: made[at]!.text })) });
    let agreed = 0;
    for (const [at, verdict] of patches.entries()) {
      const { text, refusal } = made[at]!;
      if (isAccepted(refusal, verdict)) continue;
      const seen = [cases[at]!.config, ...cases[at]!.patches, `ours: ${refusal}`, text].join('\n=====\n');
      expect({ error: verdict.oursError, result: verdict.ours, isRefused: text === '' }, seen).toEqual({
        error: '',
        result: verdict.patched,
        isRefused: verdict.error !== '',
      });
      if (text !== '') agreed++;
    }
    return agreed;
  };

  const isAccepted = (refusal: string, { error, oursError }: PatchVerdict) =>
    accepted.some(
      (one) =>
        one.minors.includes(minor) &&
        one.ours.test(refusal) &&
        one.talos.test(error) &&
        one.talos.test(oursError || error),
    );

  it('has the fields that our table says', async () => {
    const table = ourFieldTable(minor);
    if (isReleased) {
      // `vitest --update` writes the table anew when a newer patch release has other fields.
      const file = resolve('talos/document', `fields-${minor}.json`);
      await expect(`${JSON.stringify(fields, undefined, 2)}\n`).toMatchFileSnapshot(file);
      return;
    }
    // Our table is of v1.14.0-rc.1, which the Go proxy does not have: it may only know more than the alpha.
    for (const [type, keys] of Object.entries(fields.types)) {
      expect(Object.keys(table.types[type] ?? {}), `${talos} ${type}`).toEqual(
        expect.arrayContaining(Object.keys(keys)),
      );
    }
    expect(table.kinds).toMatchObject(fields.kinds);
  });

  it('makes the same of generated configs and patches as we do, and refuses the same', async () => {
    // Of 1.14 only what the alpha has in the same form: it cannot merge addresses yet.
    const { types } = ourFieldTable(minor);
    const kinds = documentKinds(minor).filter((kind) => {
      const type = fields.kinds[kind];
      return type !== undefined && JSON.stringify(fields.types[type]) === JSON.stringify(types[type]);
    });
    const cases = fc.sample(patchCases(minor, kinds), { numRuns: count, seed: 4 });
    expect(await compare(cases)).toBeGreaterThan(count / 2);
  });

  it('takes JSON patches on a config of one document, and on no other', async () => {
    const config = 'machine:\n  certSANs: [a, b]\n  sysctls:\n    a/b: "1"\n';
    const two = `${config}---\napiVersion: v1alpha1\nkind: KmsgLogConfig\nname: one\nurl: tcp://127.0.0.1:514\n`;
    const operations = [
      '[{"op": "add", "path": "/machine/certSANs/1", "value": "x"}]',
      '[{"op": "add", "path": "/machine/certSANs/-", "value": "x"}]',
      '[{"op": "add", "path": "/machine/certSANs/9", "value": "x"}]',
      '- op: replace\n  path: /machine/sysctls/a~1b\n  value: "2"\n- op: copy\n  from: /machine/sysctls/a~1b\n  path: /machine/sysctls/c\n',
      '[{"op": "move", "from": "/machine/certSANs/0", "path": "/machine/certSANs/1"}]',
      '[{"op": "remove", "path": "/machine/sysctls"}]',
      '[{"op": "remove", "path": "/machine/kubelet"}]',
      '[{"op": "add", "path": "/machine/kubelet/image", "value": "x"}]',
      '[{"op": "test", "path": "/machine/certSANs/0", "value": "a"}]',
      '[{"op": "test", "path": "/machine/certSANs/0", "value": "b"}]',
      '[{"op": "add", "path": "/machine/kubelets", "value": {}}]',
    ];
    const agreed = await compare(
      operations.flatMap((patch) => [config, two].map((text) => ({ config: text, patches: [patch] }))),
    );
    expect(agreed).toBe(6);
  });
});
