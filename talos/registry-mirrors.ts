import type { RackSpec } from '../core/rack-spec.ts';
import { configDocument, type PlainDocument } from './document-builder/config-document.ts';
import type { TalosContract } from './talos-contract.ts';

/** A document for each mirror: Talos 1.12 and newer. */
export const mirrorDocuments = (contract: TalosContract, { registries }: RackSpec): PlainDocument[] =>
  Object.entries(registries?.mirrors ?? {}).map(([name, { endpoints, overridePath, fallback }]) =>
    configDocument(contract, 'RegistryMirrorConfig', {
      name,
      endpoints: endpoints.map((url) => ({ url, ...(overridePath === true ? { overridePath } : {}) })),
      ...(fallback ? {} : { skipFallback: true }),
    }),
  );

/** The same in `machine.registries`: Talos 1.11. */
export const mirrorSections = ({ registries }: RackSpec) => {
  const mirrors = Object.entries(registries?.mirrors ?? {}).map(
    ([name, { endpoints, overridePath, fallback }]) =>
      [
        name,
        {
          endpoints,
          ...(overridePath === true ? { overridePath } : {}),
          ...(fallback ? {} : { skipFallback: true }),
        },
      ] as const,
  );
  return mirrors.length === 0 ? {} : { registries: { mirrors: Object.fromEntries(mirrors) } };
};
