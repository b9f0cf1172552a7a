import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Fault } from '../core/fault.ts';
import { mergeTalosconfig } from './merge-talosconfig.ts';
import { parseTalosconfig } from './parse-talosconfig.ts';
import { renderTalosconfig } from './render-talosconfig.ts';

const pem = (name: string) => `-----BEGIN X-----\n${name}\n-----END X-----\n`;
const keysOf = (ca: string) => ({ ca: pem(ca), cert: pem('cert'), key: pem('key') });
const ours = { cluster: 'rack-1', endpoints: ['10.0.0.11', '10.0.0.12'], keys: keysOf('ours') };
const theirs = `# of the team
context: other
contexts:
    # keep
    other:
        endpoints: [10.9.0.1]
        nodes:
            - 10.9.0.2
        ca: ${Buffer.from(pem('theirs')).toString('base64')}
        crt: ${Buffer.from(pem('cert')).toString('base64')}
        key: ${Buffer.from(pem('key')).toString('base64')}
        cluster: "0123"
    omni:
        endpoints:
            - https://omni.example.org
        auth:
            siderov1:
                identity: me@example.org
`;
const codeOf = (text: string) => {
  try {
    parseTalosconfig(text);
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.code;
    throw thrown;
  }
  return 'read';
};

describe('parseTalosconfig', () => {
  it('reads what renderTalosconfig wrote', () => {
    const { cluster: name, endpoints, keys } = ours;
    expect(parseTalosconfig(renderTalosconfig(ours))).toEqual({
      context: name,
      contexts: [{ name, endpoints, nodes: [], keys }],
    });
  });

  it('reads every context, also those that have no keys or only a target', () => {
    const { context, contexts } = parseTalosconfig(theirs);
    expect(context).toBe('other');
    expect(contexts).toMatchObject([
      { name: 'other', endpoints: ['10.9.0.1'], nodes: ['10.9.0.2'], keys: keysOf('theirs') },
      { name: 'omni', endpoints: ['https://omni.example.org'], nodes: [] },
    ]);
    expect(contexts[1]).not.toHaveProperty('keys');
    const old = parseTalosconfig('context: a\ncontexts:\n  a:\n    target: 10.0.0.1\n    nodes: null\n');
    expect(old.contexts).toEqual([{ name: 'a', endpoints: ['10.0.0.1'], nodes: [] }]);
  });

  it('knows a file without contexts, and one whose context is missing', () => {
    expect(parseTalosconfig('context: ""\ncontexts: {}\n')).toEqual({ contexts: [] });
    expect(parseTalosconfig('context: gone\ncontexts: null\n')).toEqual({ contexts: [] });
  });

  it('refuses anything else with one fault, which quotes no value', () => {
    for (const text of [
      '',
      'CANARY',
      '[',
      'contexts: [CANARY]',
      'contexts: {a: {ca: CANARY}}',
      'contexts: {a: CANARY}',
    ]) {
      expect(codeOf(text), text).toBe('talos/talosconfig-invalid');
      expect(() => parseTalosconfig(text)).not.toThrow(/CANARY/);
    }
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) =>
        ['read', 'talos/talosconfig-invalid'].includes(codeOf(text)),
      ),
    );
  });
});

describe('mergeTalosconfig', () => {
  it('adds our context, uses it, and leaves everything else as it was written', () => {
    const { text, context } = mergeTalosconfig(theirs, ours);
    expect(context).toBe('rack-1');
    expect(text).toContain(theirs.slice(theirs.indexOf('contexts:')));
    expect(text).toMatch(/^# of the team\ncontext: rack-1\n/);
    expect(parseTalosconfig(text).contexts.map(({ name }) => name)).toEqual(['other', 'omni', 'rack-1']);
  });

  it('replaces our own earlier context', () => {
    const first = mergeTalosconfig(theirs, ours).text;
    const { text, context } = mergeTalosconfig(first, { ...ours, endpoints: ['10.0.0.13'] });
    expect(context).toBe('rack-1');
    expect(parse(text)).toMatchObject({ contexts: { 'rack-1': { endpoints: ['10.0.0.13'] } } });
    expect(parseTalosconfig(text).contexts).toHaveLength(3);
  });

  it('never takes the name of another cluster', () => {
    const { text, context } = mergeTalosconfig(theirs, { ...ours, cluster: 'other' });
    expect(context).toBe('other-1');
    expect(parseTalosconfig(text).contexts[0]).toMatchObject({ name: 'other', keys: keysOf('theirs') });
    expect(mergeTalosconfig(theirs, { ...ours, cluster: 'omni' }).context).toBe('omni-1');
  });

  it('starts a new file in an empty one', () => {
    for (const text of ['', '\n', 'context: ""\ncontexts: {}\n', 'context: ""\n']) {
      expect(parse(mergeTalosconfig(text, ours).text)).toEqual(parse(renderTalosconfig(ours)));
    }
  });
});
