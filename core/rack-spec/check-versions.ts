import type { RackFileSpec } from '../rack-spec.ts';
import type { Refuse } from './refuse.ts';
import { minorOf, supportedKubernetesMinors, supportedTalosMinors } from './supported-versions.ts';

/** Refuses a Talos that no config is made for, and a Kubernetes that this Talos does not run. */
export function checkVersions({ talos, kubernetes }: RackFileSpec, refuse: Refuse): void {
  const talosMinor = supportedTalosMinors.find((minor) => minor === minorOf(talos.version));
  if (talosMinor === undefined) {
    const allowed = supportedTalosMinors.map((minor) => `${minor}.x`).join(', ');
    refuse(['talos', 'version'], `${talos.version} is not supported; allowed: ${allowed}`);
    return;
  }
  const [oldest, newest] = supportedKubernetesMinors[talosMinor];
  const [major, minor] = kubernetes.version.slice(1).split('.').map(Number);
  if (major !== 1 || minor === undefined || minor < oldest || minor > newest) {
    const allowed = `v1.${oldest}.x to v1.${newest}.x`;
    refuse(
      ['kubernetes', 'version'],
      `${kubernetes.version} does not run on Talos ${talos.version}; allowed: ${allowed}`,
    );
  }
}
