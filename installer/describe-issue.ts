import { z } from 'zod';
import { rackShape } from '../core/rack-spec.ts';

export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** A finding of the rack file's schema in words: what is wrong and what is allowed. */
export function describeIssue(issue: z.core.$ZodIssue): readonly Problem[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...issue.path, key],
        message: `unknown key; allowed here: ${keysAt(issue.path).join(', ')}`,
      }));
    case 'invalid_type':
      return [
        {
          path: issue.path,
          message: issue.message.endsWith('received undefined')
            ? `is missing; allowed: ${issue.expected === 'object' ? `the keys ${keysAt(issue.path).join(', ')}` : `a ${issue.expected}`}`
            : `must be ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}${issue.expected === 'string' ? ': put it in quotes' : ''}`,
        },
      ];
    case 'invalid_value':
      return [{ path: issue.path, message: `not known; allowed: ${issue.values.map(String).join(', ')}` }];
    default:
      return [{ path: issue.path, message: issue.message }];
  }
}

type JsonSchema = {
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
};

function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let reached: JsonSchema[] = [z.toJSONSchema(rackShape, { io: 'input', unrepresentable: 'any' }) as JsonSchema];
  for (const key of path) {
    reached = reached
      .flatMap((schema) => (typeof key === 'number' ? schema.items : schema.properties?.[String(key)]) ?? [])
      .flatMap((schema) => [schema, ...(schema.oneOf ?? schema.anyOf ?? [])]);
  }
  return [...new Set(reached.flatMap((schema) => Object.keys(schema.properties ?? {})))];
}
