import { arrangeFlux, type KubeObject, parseManifests } from '../cluster/index.ts';
import { defineFault } from '../core/fault.ts';
import type { Files } from '../core/ports.ts';
import type { RackSpec } from '../core/rack-spec.ts';

const manifestMissing = defineFault<{ path: string }>('installer/flux-manifest-missing', {
  kind: 'operator',
  exitCode: 4,
  title: ({ path }) => `There is no Flux manifest at ${path}`,
  state: () => 'Nothing was started.',
  remedy: () =>
    'Put the install.yaml of a Flux release there (one download, kept with the rack file), or correct flux.manifest.',
});

/** Flux's manifest as it is to be applied on this cluster. Faults: `installer/flux-manifest-missing`, `kube/not-a-manifest`. */
export async function readFluxManifest(
  { spec, path }: { spec: RackSpec; path: string },
  files: Pick<Files, 'readText'>,
): Promise<readonly KubeObject[]> {
  const text = await files.readText(path);
  if (text === undefined) throw manifestMissing({ path });
  return arrangeFlux(parseManifests(text, path), { cni: spec.cluster.cni, dnsDomain: spec.cluster.dnsDomain });
}
