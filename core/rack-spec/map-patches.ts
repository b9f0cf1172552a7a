import type { RackSpec } from '../rack-spec.ts';
import type { ConfigPatchSpec } from './config-patch.ts';

/** The rack file with each patch replaced; `path` is where it stands in the file. */
export function mapPatches(
  spec: RackSpec,
  change: (patch: ConfigPatchSpec, path: readonly (string | number)[]) => ConfigPatchSpec,
): RackSpec {
  const changeAll = <Holder extends { readonly patches?: readonly ConfigPatchSpec[] | undefined }>(
    holder: Holder,
    path: readonly (string | number)[],
  ): Holder =>
    holder.patches === undefined
      ? holder
      : { ...holder, patches: holder.patches.map((patch, at) => change(patch, [...path, 'patches', at])) };
  const { patches, classes } = spec;
  return {
    ...spec,
    ...(patches === undefined
      ? {}
      : {
          patches: Object.fromEntries(
            Object.entries(patches).map(([layer, list]) => [
              layer,
              list?.map((patch, at) => change(patch, ['patches', layer, at])),
            ]),
          ),
        }),
    ...(classes === undefined
      ? {}
      : {
          classes: Object.fromEntries(
            Object.entries(classes).map(([name, one]) => [name, changeAll(one, ['classes', name])]),
          ),
        }),
    machines: spec.machines.map((machine, index) => changeAll(machine, ['machines', index])),
  };
}
