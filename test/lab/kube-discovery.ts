import { apiVersionOf, type KindInfo } from './kube-kinds.ts';
import { noSuchResource } from './kube-status.ts';

/** The discovery document at a path (`/api`, `/apis`, one group, one version); `undefined` when the path is none of these. */
export function discoveryAt(parts: readonly string[], kinds: readonly KindInfo[]): object | undefined {
  const [root, group, version] = parts;
  if (root === 'api' && parts.length === 1) return { kind: 'APIVersions', versions: ['v1'] };
  if (root === 'api' && parts.length === 2) return resourceList('', group ?? '', kinds);
  if (root !== 'apis') return undefined;
  if (group === undefined) {
    const groups = [...new Set(kinds.map((kind) => kind.group))].filter((name) => name !== '');
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map((name) => groupOf(name, kinds)) };
  }
  if (version === undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, kinds) };
  return parts.length === 3 ? resourceList(group, version, kinds) : undefined;
}

function groupOf(name: string, kinds: readonly KindInfo[]) {
  const versions = [...new Set(kinds.filter((kind) => kind.group === name).map((kind) => kind.version))].map(
    (version) => ({ groupVersion: `${name}/${version}`, version }),
  );
  if (versions.length === 0) throw noSuchResource();
  return { name, versions, preferredVersion: versions[0] };
}

function resourceList(group: string, version: string, kinds: readonly KindInfo[]) {
  const served = kinds.filter((kind) => kind.group === group && kind.version === version);
  const [first] = served;
  if (first === undefined) throw noSuchResource();
  const all = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(first),
    resources: served.flatMap(({ plural, singular, kind, namespaced, hasStatus }) => [
      { name: plural, singularName: singular, namespaced, kind, verbs: all },
      ...(hasStatus
        ? [{ name: `${plural}/status`, singularName: '', namespaced, kind, verbs: ['get', 'patch', 'update'] }]
        : []),
    ]),
  };
}
