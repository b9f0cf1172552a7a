import { resolve } from 'node:path';
import type { Place } from '../core/fault.ts';
import type { Files } from '../core/ports.ts';
import { mapPatches } from '../core/rack-spec/map-patches.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';
import { checkPatches, type RefusedPatch } from '../talos/index.ts';
import { maintenanceProblems } from './check-maintenance.ts';
import { parseRackDocument, type RackFile, refusal } from './parse-rack-file.ts';
import { readRackDocument } from './rack-document.ts';

export interface RackFileSource {
  /** As the operator calls it. */
  readonly file: string;
  readonly text: string;
  /** Folder that paths in the rack file are relative to. */
  readonly directory: string;
}

interface PatchText {
  readonly file: string;
  readonly lines: readonly string[];
  /** Line of the file on which the patch begins. */
  readonly firstLine: number;
  /** Path of an inline patch in the rack file. */
  readonly path: string;
}

/**
 * Parses a rack file together with the files of its patches, and judges each patch for each machine that gets it. Fault
 * `installer/rack-file-invalid` with every problem, each with its place, in the rack file or in the patch's own file.
 */
export async function loadRackFile(
  { file, text, directory }: RackFileSource,
  files: Pick<Files, 'readText'>,
): Promise<RackFile> {
  const document = readRackDocument(file, text);
  const parsed = parseRackDocument(document);
  const names = new Set<string>();
  mapPatches(parsed.spec, (patch) => {
    if (patch.file !== undefined) names.add(patch.file);
    return patch;
  });
  const texts = new Map<string, string | undefined>();
  for (const name of names) texts.set(name, await files.readText(resolve(directory, name)));

  const problems: { place: Place; message: string }[] = [];
  const sources = new Map<string, PatchText>();
  const spec = mapPatches(parsed.spec, (patch, path) => {
    if (patch.file === undefined) {
      const { firstLine = 1 } = document.source([...path, 'inline']) ?? {};
      const { path: where } = document.place(path);
      sources.set(where, { file, lines: text.split('\n'), firstLine, path: where });
      return patch;
    }
    const content = texts.get(patch.file);
    if (content === undefined) {
      const message = `there is no file ${patch.file}; allowed: a file beside the rack file`;
      problems.push({ place: document.place([...path, 'file']), message });
    }
    sources.set(document.place(path).path, {
      file: patch.file,
      lines: (content ?? '').split('\n'),
      firstLine: 1,
      path: '',
    });
    return { ...patch, inline: content ?? '{}' };
  });
  if (problems.length === 0) {
    problems.push(...patchProblems(spec, sources));
    const placeIn = (path: readonly PropertyKey[], line: number): Place => {
      const source = sources.get(document.place(path).path);
      return source === undefined ? document.place(path) : placeOf({ path: '', line }, source);
    };
    problems.push(...maintenanceProblems(spec, document.place, placeIn));
  }
  if (problems.length > 0) throw refusal(file, problems);
  return { ...parsed, spec };
}

/** Each problem once, though a hundred machines may get the patch. */
function patchProblems(spec: RackSpec, sources: ReadonlyMap<string, PatchText>): { place: Place; message: string }[] {
  const seen = new Set<string>();
  return machinesToJudge(spec).flatMap(({ machine, index }) =>
    checkPatches(spec, machine).flatMap((refused) => {
      const source = sources.get(pathOf(refused, machine, index));
      if (source === undefined) throw new Error('a patch that is not in the rack file was judged');
      const problem = { place: placeOf(refused, source), message: refused.message };
      const key = JSON.stringify(problem);
      if (seen.has(key)) return [];
      seen.add(key);
      return [problem];
    }),
  );
}

/** One machine of each kind: those without patches of their own differ only by role and class. */
function machinesToJudge(spec: RackSpec): { machine: MachineSpec; index: number }[] {
  const kinds = new Set<string>();
  const named = spec.machines.flatMap((machine, index) => {
    const kind = `${machine.role} ${machine.class ?? ''}`;
    if ((machine.patches ?? []).length === 0 && kinds.has(kind)) return [];
    kinds.add(kind);
    return [{ machine, index }];
  });
  const chosen = Object.entries(spec.classes ?? {}).flatMap(([name, { selector, role, disk, network }]) => {
    if (selector === undefined || role === undefined || disk === undefined) return [];
    const machine: MachineSpec = { name: `${name}-1`, class: name, role, disk, network, address: spec.network.vip };
    return kinds.has(`${role} ${name}`) ? [] : [{ machine, index: -1 }];
  });
  return [...named, ...chosen];
}

function pathOf({ layer, index }: RefusedPatch, machine: MachineSpec, machineIndex: number): string {
  switch (layer) {
    case 'all':
      return `patches.all[${index}]`;
    case 'role':
      return `patches.${machine.role}[${index}]`;
    case 'class':
      return `classes.${String(machine.class)}.patches[${index}]`;
    case 'machine':
      return `machines[${machineIndex}].patches[${index}]`;
  }
}

function placeOf({ path, line = 1 }: Pick<RefusedPatch, 'path' | 'line'>, source: PatchText): Place {
  const at = source.firstLine + line - 1;
  const column = (source.lines[at - 1] ?? '').search(/\S/) + 1;
  const where = [source.path, path].filter((part) => part !== '').join(' ');
  return { file: source.file, path: where, line: at, column: Math.max(column, 1) };
}
