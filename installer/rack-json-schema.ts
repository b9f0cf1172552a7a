import { z } from 'zod';
import { rackShape } from '../core/rack-spec.ts';

/**
 * The schema of the rack file as JSON Schema (draft 2020-12), for editors: keys, forms and descriptions. What several
 * keys say together is not in it; reading the file checks that too.
 */
export const rackJsonSchema = (): Readonly<Record<string, unknown>> => ({
  $id: 'https://rackwright.dev/schema/v1alpha1/rack.json',
  title: 'Rackwright rack file',
  ...z.toJSONSchema(rackShape, { io: 'input', unrepresentable: 'any', target: 'draft-2020-12' }),
});
