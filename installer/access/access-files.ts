import { join } from 'node:path';
import type { RackSpec } from '../../core/rack-spec.ts';

/** The files that open a cluster, beside its rack file. */
export interface AccessFiles {
  readonly kubeconfig: string;
  readonly talosconfig: string;
}

export const accessFilesOf = ({ name }: Pick<RackSpec, 'name'>, directory: string): AccessFiles => ({
  kubeconfig: join(directory, `${name}.kubeconfig`),
  talosconfig: join(directory, `${name}.talosconfig`),
});
