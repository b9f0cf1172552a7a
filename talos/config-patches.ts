import { stringify } from 'yaml';
import type { ConfigPatchSpec, MachineSpec, RackSpec } from '../core/rack-spec.ts';
import type { ConfigPatch, PatchLayers } from './patch/apply-patches.ts';
import { renderConfigText } from './render-config-text.ts';

/** The patches of a machine, layer by layer: of all machines, of its role, of its class, and its own. */
export function patchLayersOf(spec: RackSpec, machine: MachineSpec): Required<PatchLayers> {
  const { role, class: name } = machine;
  const { classes = {}, patches = {} } = spec;
  const layer = (where: string, list: readonly ConfigPatchSpec[] = []): ConfigPatch[] =>
    list.map((patch, index) => ({ file: patch.file ?? `${where}[${index}]`, text: patchText(patch) }));
  return {
    all: layer('patches.all', patches.all),
    role: layer(`patches.${role}`, patches[role]),
    class: name === undefined ? [] : layer(`classes.${name}.patches`, classes[name]?.patches),
    machine: layer(`machines.${machine.name}.patches`, machine.patches),
  };
}

/** A patch as text: a strategic merge, or a JSON patch when it is a list. */
export function patchText({ file, inline }: ConfigPatchSpec): string {
  if (inline === undefined) throw new Error(`the patch ${String(file)} was not loaded`);
  if (typeof inline === 'string') return inline;
  return Array.isArray(inline) ? stringify(inline, { version: '1.1' }) : renderConfigText([inline]);
}
