import { describe, expect, it } from 'vitest';
import type { RackSpec } from '../core/rack-spec.ts';
import { exampleSpec } from '../talos/testing/example-request.ts';
import { withBootWay } from './boot-way.ts';

const example = exampleSpec();
const [entry] = example.machines;
if (entry === undefined) throw new Error('the example has no machine');
const boot = { kind: 'boot', machine: entry.name } as const;
const disk = { kind: 'local-disk', machine: entry.name } as const;
const document = (name: string) => ({ inline: `apiVersion: v1alpha1\nkind: KmsgLogConfig\nname: ${name}\n` });

const rackWith = (rack: Partial<RackSpec['boot']>, own: Partial<typeof entry> = {}, more: Partial<RackSpec> = {}) => ({
  ...example,
  ...more,
  boot: { ...example.boot, ...rack },
  machines: [{ ...entry, ...own }],
});

describe('the way that the rack file names', () => {
  it('is none where the file says nothing of it', () => {
    expect([withBootWay(boot, example), withBootWay(disk, example)]).toEqual([boot, disk]);
  });

  it('is that of the machine before that of the rack', () => {
    const rack = { through: 'uefi-http', localDisk: 'exit' } as const;
    expect(withBootWay(boot, rackWith(rack))).toEqual({ ...boot, through: 'uefi-http' });
    expect(withBootWay(disk, rackWith(rack))).toEqual({ ...disk, through: 'exit' });
    const own = { boot: { through: 'ipxe', localDisk: 'silence' } } as const;
    expect(withBootWay(boot, rackWith(rack, own))).toEqual({ ...boot, through: 'ipxe' });
    expect(withBootWay(disk, rackWith(rack, own))).toEqual(disk);
    expect(withBootWay(boot, rackWith(rack, { boot: { through: 'auto' } }))).toEqual(boot);
  });

  it('gives a machine of the file the documents of rack, class and machine, in this order', () => {
    const classes = { big: { maintenanceConfig: [document('class')] } };
    const own = { class: 'big', maintenanceConfig: [document('own')] };
    const spec = rackWith({ maintenanceConfig: [document('rack')] }, own, { classes });
    const intent = withBootWay(boot, spec);
    const config = intent.kind === 'boot' ? intent.config : undefined;
    expect([...(config ?? '').matchAll(/name: (\w+)/g)].map(([, name]) => name)).toEqual(['rack', 'class', 'own']);
  });

  it('gives no document to a stranger, however it was let in, nor to a machine that is held', () => {
    const spec = rackWith({ maintenanceConfig: [document('rack')] });
    expect(withBootWay({ kind: 'boot' }, spec)).toEqual({ kind: 'boot' });
    expect(withBootWay({ kind: 'boot', machine: 'mac-of-a-candidate' }, spec)).not.toHaveProperty('config');
    const held = { kind: 'hold', reason: 'two entries mean it' } as const;
    expect(withBootWay(held, spec)).toBe(held);
  });
});
