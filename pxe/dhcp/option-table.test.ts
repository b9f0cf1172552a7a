import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodedOption, type OptionName, optionTable, optionValue } from './option-table.ts';

const names = Object.keys(optionTable) as OptionName[];
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

describe('the option table', () => {
  it('has one row for each code', () => {
    const codes = names.map((name) => optionTable[name].code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it.each(names)('reads any bytes of %s as a value or as none, and a value survives being written', (name) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const { code } = optionTable[name];
        const value = optionValue(new Map([[code, bytes]]), name);
        if (value === undefined) return;
        const written = new Map([encodedOption(name, value)]);
        // Encapsulated options have a length of one octet, and no value read is longer.
        expect(optionValue(written, name)).toEqual(value);
      }),
    );
  });

  it.each([
    ['subnetMask', 'ffffff00', '255.255.255.0'],
    ['domainNameServer', '0a0000010a000002', ['10.0.0.1', '10.0.0.2']],
    ['hostName', '63702d31', 'cp-1'],
    ['leaseTime', 'ffffffff', 0xffffffff],
    ['maximumMessageSize', '05c0', 1472],
    ['clientArchitecture', '00060007', [6, 7]],
    ['vendorSpecific', '000601080aff99', undefined],
    ['vendorSpecific', '00060108ff99', [[6, Uint8Array.of(8)]]],
    ['relayAgentInformation', '0001ff0102', undefined],
    [
      'relayAgentInformation',
      '0001ffff00',
      [
        [0, Uint8Array.of(255)],
        [255, new Uint8Array()],
      ],
    ],
    ['bootFileName', '612e65666900', 'a.efi'],
    ['subnetMask', 'ffffff', undefined],
    ['clientArchitecture', '00', undefined],
    ['domainNameServer', '', undefined],
  ] as const)('reads %s from %s', (name, hex, value) => {
    expect(optionValue(new Map([[optionTable[name].code, bytesOf(hex)]]), name)).toEqual(value);
  });

  it('writes text for old ROMs with a NUL behind it', () => {
    expect(encodedOption('bootFileName', 'a.efi')).toEqual([67, bytesOf('612e65666900')]);
  });

  it('encodes what was just encoded, something else between, and the first again', () => {
    const bytes = () => ['a', 'a', 'b', 'a'].map((value) => String(encodedOption('hostName', value)[1]));
    expect(bytes()).toEqual(['97', '97', '98', '97']);
  });
});
