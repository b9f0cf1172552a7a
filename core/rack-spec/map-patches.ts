import type { RackSpec } from '../rack-spec.ts';
import type { ConfigPatchSpec } from './config-patch.ts';

type Path = readonly (string | number)[];
type List = readonly ConfigPatchSpec[];

/** What machines and classes have of their own. */
interface Holder {
  readonly patches?: List | undefined;
  readonly maintenanceConfig?: List | undefined;
}

/** The rack file with each piece of a Talos config replaced, patch or maintenance config; `path` is where it stands in the file. */
export function mapPatches(
  spec: RackSpec,
  change: (patch: ConfigPatchSpec, path: readonly (string | number)[]) => ConfigPatchSpec,
): RackSpec {
  const changeList = (list: List, path: Path) => list.map((patch, at) => change(patch, [...path, at]));
  const changeKey = (holder: Holder, key: keyof Holder, path: Path) => {
    const list = holder[key];
    return list === undefined ? {} : { [key]: changeList(list, [...path, key]) };
  };
  const changeAll = <One extends Holder>(holder: One, path: Path): One => ({
    ...holder,
    ...changeKey(holder, 'patches', path),
    ...changeKey(holder, 'maintenanceConfig', path),
  });
  const mapped = <One, Result>(values: Readonly<Record<string, One>>, map: (value: One, key: string) => Result) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value, key)]));
  const { boot, patches, classes } = spec;
  return {
    ...spec,
    boot: {
      ...boot,
      maintenanceConfig: changeList(boot.maintenanceConfig, ['boot', 'maintenanceConfig']),
    },
    ...(patches === undefined
      ? {}
      : { patches: mapped(patches, (list, layer) => list && changeList(list, ['patches', layer])) }),
    ...(classes === undefined ? {} : { classes: mapped(classes, (one, name) => changeAll(one, ['classes', name])) }),
    machines: spec.machines.map((machine, index) => changeAll(machine, ['machines', index])),
  };
}
