import { parse } from 'yaml';

/** All values as texts. What is not YAML at all is `undefined`: the parser's own message would quote the line. */
export function readYamlTexts(yaml: string): unknown {
  try {
    return parse(yaml, { schema: 'failsafe', logLevel: 'error' });
  } catch {
    return undefined;
  }
}
