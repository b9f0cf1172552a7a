import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlainDocument } from './document-builder/config-document.ts';
import { renderConfigText } from './render-config-text.ts';
import { renderMachineConfig } from './render-machine-config.ts';
import { talosContracts } from './talos-contract.ts';
import { exampleRequest, exampleSpec } from './testing/example-request.ts';
import { parseConfigText } from './testing/parse-config-text.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[-+]?(0[xob]?)?[0-9_.:eE-]{0,8}$/),
  fc.constantFrom('yes', 'off', 'null', '~', '=', '<<', 'true', '---', '...', '2001-01-01'),
);
/** Without an exponent a large float looks like an integer, and there is no integer -0. */
const isWrittenAsItself = (value: number) =>
  !Object.is(value, -0) && (Number.isSafeInteger(value) || !Number.isInteger(value));
const key = text.filter((name) => name !== '<<' && name !== '__proto__');
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter(isWrittenAsItself),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const document = fc.dictionary(key, tree, { minKeys: 1, noNullPrototype: true }) as fc.Arbitrary<PlainDocument>;

describe('config text', () => {
  it('gives back every document that it was made from, of kinds that nobody knows too', () => {
    fc.assert(
      fc.property(fc.array(document, { maxLength: 4 }), (documents) => {
        expect(parseConfigText(renderConfigText(documents))).toEqual(documents);
      }),
    );
  });

  it('gives back every config that we make, as the same text', () => {
    for (const contract of talosContracts) {
      for (const role of ['controlplane', 'worker'] as const) {
        const config = renderMachineConfig(exampleRequest(role, exampleSpec({ talos: `${contract}.0` })));
        expect(renderConfigText(parseConfigText(config))).toBe(config);
      }
    }
  });

  it('reads numbers as Talos does, and loses no digit of them', () => {
    expect(parseConfigText('[0644, 0x1F, 0b101, 1_000, 089, -0o17, 1_0.5, 12345678901234567890]')).toEqual([
      [420, 31, 5, 1000, 89, -15, 10.5, 12345678901234567890n],
    ]);
    expect(renderConfigText(parseConfigText('serial: 12345678901234567890'))).toBe('serial: 12345678901234567890\n');
  });

  it('reads as text what only looks like a number or like a truth value', () => {
    const texts = ['10.0.0.11', '2001-01-01', '12:30', 'yes', 'off', '0o', '0b2', '1e1000', '_1'];
    expect(parseConfigText(`[${texts.join(', ')}]`)).toEqual([texts]);
  });

  it('keeps keys as they are written', () => {
    expect(parseConfigText('0x10: a\n1_000: b\ntrue: c\n')).toEqual([{ '0x10': 'a', '1_000': 'b', true: 'c' }]);
  });

  it('follows merges, and leaves empty documents out', () => {
    expect(parseConfigText('---\n---\na: &one\n  b: 1\nc:\n  <<: *one\n---\nnull\n')).toEqual([
      { a: { b: 1 }, c: { b: 1 } },
    ]);
  });

  it('writes equal parts out instead of pointing from one to the other', () => {
    const part = { crt: 'x' };
    expect(renderConfigText([{ a: part, b: part }])).toBe('a:\n  crt: x\nb:\n  crt: x\n');
  });

  it('refuses what is not YAML, at its place, and never fails otherwise', () => {
    expect(() => parseConfigText('a: 1\na: 2\n')).toThrow(/at line 2, column 1/);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (anything) => {
        try {
          expect(Array.isArray(parseConfigText(anything))).toBe(true);
        } catch (thrown) {
          expect(thrown).toMatchObject({ name: 'YAMLParseError' });
        }
      }),
    );
  });
});
