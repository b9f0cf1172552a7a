import { isMap, isScalar } from 'yaml';
import type { Place } from '../core/fault.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';
import { patchLayersOf } from './config-patches.ts';
import { decisionOf } from './decided-fields.ts';
import { diffConfigs } from './diff/diff-configs.ts';
import { nodeAt, pairOf, titleOf } from './document/config-document.ts';
import { parseDocuments } from './document/parse-documents.ts';
import { type ConfigPatch, type PatchLayers, tryPatches } from './patch/apply-patches.ts';
import { placeholderRequest } from './placeholder-request.ts';
import { renderUnpatchedConfig } from './render-machine-config.ts';
import { contractOf, type TalosContract } from './talos-contract.ts';
import { validateConfig } from './validate/validate-config.ts';

/** A patch of the rack file that a machine would not get: where it is, which line of it, and what is wrong. */
export interface RefusedPatch {
  readonly layer: keyof PatchLayers;
  /** Index in its layer. */
  readonly index: number;
  readonly path: string;
  /** Counts from 1 in the text of the patch. */
  readonly line?: number;
  readonly message: string;
}

/**
 * What is wrong with the patches of one machine, before there is any: a patch that Talos would refuse, one that leads to
 * a config that Talos would refuse, and one that would change what the rack file decides. Quotes no value.
 */
export function checkPatches(spec: RackSpec, machine: MachineSpec): readonly RefusedPatch[] {
  const minor = contractOf(spec.talos.version);
  let config = renderUnpatchedConfig(placeholderRequest(spec, machine));
  const faults = problemsOf(config, minor);
  const refused: RefusedPatch[] = [];
  const layers = patchLayersOf(spec, machine);
  for (const layer of ['all', 'role', 'class', 'machine'] as const) {
    for (const [index, patch] of layers[layer].entries()) {
      const { patched, problems } = tryPatches(config, { [layer]: [patch] }, minor);
      const refuse = (place: Pick<Place, 'path' | 'line'>, message: string) => {
        const { path, line } = place;
        refused.push({ layer, index, path, ...(line === undefined ? {} : { line }), message });
      };
      for (const { place, message } of problems) refuse(place, message);
      if (problems.length > 0) continue;
      const changes = diffConfigs(config, patched, { minor, random: noRandom });
      const decided = changes.flatMap((change) => {
        const what = decisionOf(change);
        return what === undefined ? [] : [{ ...change, what }];
      });
      for (const [at, { document, path, what }] of decided.entries()) {
        // One sentence a decision is enough.
        if (decided.findIndex((one) => one.what === what) !== at) continue;
        refuse(placeIn(patch, document, path), `${document}: a patch must not change ${what}`);
      }
      if (decided.length > 0) continue;
      const before = new Set(faults.map(keyOf));
      for (const { document, path, message } of problemsOf(patched, minor)) {
        if (before.has(keyOf({ document, path, message }))) continue;
        refuse(placeIn(patch, document, path), `${document}: ${message}`);
      }
      config = patched;
    }
  }
  return refused;
}

const problemsOf = (config: string, minor: TalosContract) => validateConfig(config, { minor });

const keyOf = ({ document, path, message }: { document: string; path: string; message: string }) =>
  JSON.stringify([document, path, message]);

/** Only the places of the differences are used, so that nobody can guess from a fingerprint. */
const noRandom = { bytes: (count: number) => new Uint8Array(count) };

/** Where in the patch a place of the config is written, or what is nearest to it. */
function placeIn({ text }: ConfigPatch, document: string, path: string): { path: string; line?: number } {
  const found = parseDocuments(text).documents.find((one) => titleOf(one) === document);
  if (found === undefined) return { path };
  const keys = path.replaceAll(/\[\d+\]/g, '').split('.');
  for (let count = keys.length; count > 0; count -= 1) {
    const above = count === 1 ? found.root : nodeAt(found.root, ...keys.slice(0, count - 1));
    // The key itself: a mapping begins on the line after it.
    const key = isMap(above) ? pairOf(above, keys[count - 1] ?? '')?.key : undefined;
    const line = isScalar(key) ? found.lineOf(key) : undefined;
    if (line !== undefined) return { path, line };
  }
  const line = found.lineOf(found.root);
  return { path, ...(line === undefined ? {} : { line }) };
}
