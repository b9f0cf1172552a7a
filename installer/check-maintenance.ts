import type { Place } from '../core/fault.ts';
import { mapPatches } from '../core/rack-spec/map-patches.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import { checkMaintenanceConfig } from '../talos/index.ts';
import { maintenanceConfigOf } from './boot-way.ts';

interface Problem {
  readonly place: Place;
  readonly message: string;
}

/**
 * What is wrong with the maintenance configs of a rack file: each piece by itself, with its place from `placeIn`, and what
 * a machine would get of several pieces together.
 */
export function maintenanceProblems(
  spec: RackSpec,
  place: (path: readonly PropertyKey[]) => Place,
  placeIn: (path: readonly PropertyKey[], line: number) => Place,
): Problem[] {
  const { version } = spec.talos;
  const problems: Problem[] = [];
  mapPatches(spec, (piece, path) => {
    if (!path.includes('maintenanceConfig')) return piece;
    for (const { document, path: key, line = 1, message } of checkMaintenanceConfig([piece], version)) {
      const what = key === '' ? document : `${document} ${key}`;
      problems.push({ place: placeIn(path, line), message: `${what} ${message}` });
    }
    return piece;
  });
  if (problems.length > 0) return problems;
  return spec.machines.flatMap((entry, index) =>
    checkMaintenanceConfig(maintenanceConfigOf(spec, entry), version)
      .slice(0, 1)
      .map(({ document, message }) => ({
        place: place(['machines', index]),
        message: `its maintenance config is of several pieces, and ${document} ${message}`,
      })),
  );
}
