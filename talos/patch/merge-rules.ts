import { isMap, type Node } from 'yaml';
import { isAbsent, textOf, valueOf } from '../document/config-document.ts';

/** How the items of a list are matched between config and patch, by the name of the list in Talos' source. */
export interface KeyedList {
  /** What makes two items the same; `undefined` never matches. */
  readonly keyOf: (item: Node) => string | undefined;
  /** A matched item is taken from the patch as a whole. */
  readonly replacesItem?: true;
}

const field = (item: Node, key: string): string => (isMap(item) ? textOf(valueOf(item, key)) : '');

/** Every list of Talos that is not simply appended to. */
export const keyedLists: Readonly<Record<string, KeyedList>> = {
  /** machine.network.interfaces */
  NetworkDeviceList: {
    keyOf: (item) => {
      const name = field(item, 'interface');
      return name === '' ? selectorKey(item) : `name ${name}`;
    },
  },
  /** machine.network.interfaces[].vlans */
  VlanList: { keyOf: (item) => String(Number(field(item, 'vlanId') || 0)) },
  /** cluster.apiServer.admissionControl */
  AdmissionPluginConfigList: { keyOf: (item) => field(item, 'name') },
  /** ExtensionServiceConfig.configFiles */
  ConfigFileList: { keyOf: (item) => field(item, 'mountPath') },
  /** ImageVerificationConfig.rules */
  ImageVerificationRules: { keyOf: (item) => field(item, 'image'), replacesItem: true },
};

const selectorFields = ['busPath', 'hardwareAddr', 'permanentAddr', 'pciID', 'driver'];

/** Talos compares `physical` by where it is in memory, so two selectors that have it are never the same. */
function selectorKey(item: Node): string | undefined {
  const selector = isMap(item) ? valueOf(item, 'deviceSelector') : undefined;
  if (!isMap(selector) || valueOf(selector, 'physical') !== undefined) return undefined;
  return `selector ${JSON.stringify(selectorFields.map((key) => field(selector, key)))}`;
}

/** Forms that Talos replaces by the value of the patch even when the patch has none. */
const alwaysTaken = new Set(['ByteSize!', 'PercentageSize!', 'Expression!']);
/** Forms that Talos cannot merge: it refuses as soon as the mapping around them is on both sides. */
const unmergeable = new Set(['Prefix', 'Addr', 'AddrPort', 'InstallDiskSizeMatcher', 'PortRange']);

export const isAlwaysTaken = (form: string | undefined): boolean => alwaysTaken.has(form ?? '');
export const isUnmergeable = (form: string | undefined): boolean => unmergeable.has(form ?? '');

/** The types whose texts are never absent for Talos: what a patch leaves out of them becomes empty. */
export const isKeyPair = (type: string): boolean => type.startsWith('x509.PEMEncoded');

/** A percentage of a patch does not win over bytes of the config: Talos keeps both and writes the bytes. */
export const mergeSize = (left: Node | undefined, right: Node): Node =>
  left !== undefined && textOf(right).includes('%') && !textOf(left).includes('%') ? left : right;

const urlParts = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/;

/** Talos merges URLs part by part. `undefined` where it refuses: a user on both sides. */
export function mergeUrls(left: string, right: string): string | undefined {
  const [, ...old] = urlParts.exec(left) ?? [];
  const [, ...patch] = urlParts.exec(right) ?? [];
  const userAt = 1;
  if (old[userAt] !== undefined && patch[userAt] !== undefined) return undefined;
  const [scheme, user, host, path, query, fragment] = old.map((part, at) => patch[at] || part);
  const authority = host ? `//${user === undefined ? '' : `${user}@`}${host}` : '';
  return [scheme ? `${scheme}:` : '', authority, path, query ? `?${query}` : '', fragment ? `#${fragment}` : ''].join(
    '',
  );
}

/** Whether a scalar of a patch means nothing to Talos: the zero value of its Go type. */
export function isZero(node: Node, of: string, zeroText: string | undefined): boolean {
  const text = textOf(node);
  switch (of) {
    case 'string':
      return isAbsent(node) || text === '';
    case 'int':
    case 'float':
      return Number(text.replaceAll('_', '')) === 0;
    case 'duration':
      return /^[-+]?(0+(\.0*)?[a-zµ]*)+$/.test(text);
    case 'enum':
      return text === zeroText || text === '';
    default:
      return false;
  }
}
