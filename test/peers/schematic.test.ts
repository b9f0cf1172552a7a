import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Schematic } from '../../talos/schematic/schematic.ts';
import { renderSchematic } from '../../talos/schematic/schematic-id.ts';
import { type PkiOracle, pkiOracle, pkiOracleVersions } from './pki-oracle.ts';

/** Made of what YAML treats in a way of its own. */
const tricky = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ' ',
        '\n',
        '\t',
        ':',
        '-',
        '#',
        '"',
        "'",
        '\\',
        '{',
        '}',
        '[',
        ']',
        '&',
        '*',
        '!',
        '|',
        '>',
        '%',
        '@',
      ),
      fc.constantFrom(
        '`',
        ',',
        '?',
        '.',
        '+',
        '_',
        '~',
        '=',
        '<<',
        '0',
        '1',
        '7',
        '9',
        'e',
        'E',
        'x',
        '0x',
        '0b',
        '0o',
        'T',
        'Z',
      ),
      fc.constantFrom(
        'off',
        'Yes',
        'null',
        '.inf',
        '.NaN',
        '2026-01-31',
        '12:30',
        'é',
        '\u00a0',
        '\u0085',
        '😀',
        '\r',
        '\0',
        '\x1b',
      ),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));
const text = fc.oneof(tricky, fc.string()).filter((one) => !/[\u2028\u2029\uFEFF]/.test(one));

const schematics = fc.record(
  {
    owner: text,
    overlay: fc
      .record(
        {
          image: text,
          name: text,
          options: fc.dictionary(fc.stringMatching(/^[A-Za-z]{5,9}$/), fc.oneof(text, fc.boolean(), fc.integer()), {
            maxKeys: 4,
            noNullPrototype: true,
          }),
        },
        { requiredKeys: ['image', 'name'] },
      )
      .filter(({ image, name, options = {} }) => image !== '' || name !== '' || Object.keys(options).length > 0),
    customization: fc.record(
      {
        embeddedMachineConfiguration: text,
        extraKernelArgs: fc.array(text, { maxLength: 4 }),
        meta: fc.array(fc.record({ key: fc.integer({ min: 0, max: 255 }), value: text }), { maxLength: 3 }),
        systemExtensions: fc.record({ officialExtensions: fc.array(text, { maxLength: 3 }) }, { requiredKeys: [] }),
        bootloader: fc.constantFrom('dual-boot', 'sd-boot', 'grub'),
        secureboot: fc.record({ enrollKeys: text, includeWellKnownCertificates: fc.boolean() }, { requiredKeys: [] }),
        diskImage: fc.record({ sectorSize: fc.constantFrom(0, 512, 4096) }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Schematic>;

/** Texts around every rule by which go-yaml tells a string from something else. */
const words =
  '~ null Null nULL true TRUE tRUE y Y n yes on ON oN off << = .inf .Inf .INF .iNF +.inf -.INF .nan .NaN .NAN .Nan . .. ... ' +
  '.... --- -- 0 -0 +0 00 08 0777 -0777 0o17 0o18 -0o17 0o-7 0o+7 -0o-7 0O7 0b101 0b12 -0b1 0b-1 0b+1 +0b1 0B1 0x1F 0X1f ' +
  '-0x1F +0x1F 0xG 0x 0x-1 1_000 _1 1__ -_ 9223372036854775807 9223372036854775808 18446744073709551615 ' +
  '18446744073709551616 -9223372036854775809 0xffffffffffffffff 0x10000000000000000 -0x8000000000000000 ' +
  '-0x8000000000000001 +0xffffffffffffffff 01777777777777777777777 02000000000000000000000 +18446744073709551615 1. 1.5 .5 ' +
  '-.5 +.5 1e3 1E+3 1e 1e999 .5e999 1.5.5 .5_0 ._5 .5_ .5__0 .5e1_0 1_0.5 - + +-1 1-1 2026-01-01 2026-1-1 2026-13-01 ' +
  '2026-02-29 2024-02-29 1900-02-29 2000-02-29 2026-00-01 2026-01-00 26-01-01 2026-01-01T 2026-01-01T00:00:00Z ' +
  '2026-01-01t1:2:3Z 2026-01-01T24:00:00Z 2026-01-01T00:00:00.123Z 2026-01-01T00:00:00,5Z 2026-01-01T00:00:00+01:00 ' +
  '2026-01-01T00:00:00+24:60 2026-01-01T00:00:00+25:00 2026-01-01T00:00:00 2026-01-01T00:00:60Z ' +
  '2026-01-01T00:00:00.1234567890123Z 12:30 1:2:3 12:60 1_2:30 190:20:30.15 -1:30 +1:5. :30 12: a:b a: a#b #a -a ?a :a ---a ' +
  '...a [a] {a} a,b &a *a !a |a >a %a @a `a ,a ] } \' " a\'b \\ "x" \u00a0 a\u00a0 a\u0085b 😀 \x7f \ufffe \uffff \ufffd \ue000 \ud7ff';
const spaced = ['', 'a: b', 'a #b', '- a', '? a', ': a', ' a', 'a ', 'a\t', '\ta', "it's: x", 'x # y', 'a"b\t'];
const times = ['2026-01-01 00:00:00', '2026-01-01 00:00:00.5', '2026-01-01 00:00:00Z', '2026-1-1 1:1:1'];
const blocks = 'a|;|a;a||;|;||; a|b;a |b;a| b;a| b ;a\tb|c;a|\tb;a\r|b;a|b|||;é|b;😀|a'
  .split(';')
  .map((one) => one.replaceAll('|', '\n'));
const scalars = [...words.split(' '), ...spaced, ...times, ...blocks];

describe('renderSchematic', () => {
  let ask: PkiOracle;
  beforeAll(async () => {
    ask = await pkiOracle(pkiOracleVersions[2]);
  });

  it('writes each text as go-yaml does', async () => {
    const asked = scalars.map(
      (value): Schematic => ({ customization: { extraKernelArgs: [value], meta: [{ key: 1, value }] } }),
    );
    const answer = await ask({ schematics: asked });
    expect(answer.schematics).toHaveLength(scalars.length);
    for (const [at, schematic] of asked.entries()) {
      expect(renderSchematic(schematic), JSON.stringify(scalars[at])).toBe(answer.schematics?.[at]);
    }
  });

  it('writes every schematic as the encoder of Image Factory does', async () => {
    const asked = fc.sample(schematics, 3000);
    const answer = await ask({ schematics: asked });
    for (const [at, schematic] of asked.entries()) {
      expect(renderSchematic(schematic), JSON.stringify(schematic)).toBe(answer.schematics?.[at]);
    }
  });
});
