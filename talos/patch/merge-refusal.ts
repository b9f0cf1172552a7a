import type { Node } from 'yaml';

/** Where in the patch a merge is not possible, and why. */
export class MergeRefusal extends Error {
  override readonly name = 'MergeRefusal';
  readonly path: string;
  readonly at: Node | undefined;

  constructor(path: string, at: Node | undefined, message: string) {
    super(message);
    this.path = path;
    this.at = at;
  }
}
