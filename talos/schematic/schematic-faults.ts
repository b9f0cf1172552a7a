import { defineFault } from '../../core/fault.ts';

export const schematicNotComputable = defineFault<{ why: string }>('talos/schematic-not-computable', {
  kind: 'operator',
  exitCode: 4,
  title: ({ why }) => `The id of this schematic cannot be computed without the Image Factory: ${why}`,
  state: () => 'Nothing was changed.',
  remedy: () => 'Take that value out, or send the schematic to the factory (POST /schematics) and use the id it gives.',
});
