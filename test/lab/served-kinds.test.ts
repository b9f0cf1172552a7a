import { describe, expect, it } from 'vitest';
import type { KindInfo } from './kube-kinds.ts';
import { ServedKinds } from './served-kinds.ts';

const widget: KindInfo = {
  ...{ group: 'example.dev', version: 'v1', kind: 'Widget', plural: 'widgets', singular: 'widget' },
  ...{ namespaced: true, hasStatus: false },
};

describe('ServedKinds', () => {
  it('knows what every API serves, and nothing that nobody defined', () => {
    const served = new ServedKinds();
    expect(served.find('v1', 'Node')).toMatchObject({ plural: 'nodes' });
    expect(served.find('example.dev/v1', 'Widget')).toBeUndefined();
  });

  it('serves the kinds of a definition for as long as there is one', () => {
    const served = new ServedKinds();
    const before = served.all.length;
    served.serve('widgets.example.dev', [widget]);
    expect(served.find('example.dev/v1', 'Widget')).toBe(widget);
    expect([served.of('widgets.example.dev'), served.all.length]).toEqual([[widget], before + 1]);
    served.end('widgets.example.dev');
    expect([served.find('example.dev/v1', 'Widget'), served.of('widgets.example.dev')]).toEqual([undefined, undefined]);
  });
});
