import { apiVersionOf, builtInKinds, type KindInfo } from './kube-kinds.ts';

/** What an API server serves: the kinds that it was born with, and those that definitions have added. */
export class ServedKinds {
  readonly #definitions = new Map<string, readonly KindInfo[]>();
  #all: readonly KindInfo[] = [];
  #byName: ReadonlyMap<string, KindInfo> = new Map();

  constructor() {
    this.#learn();
  }

  get all(): readonly KindInfo[] {
    return this.#all;
  }

  find(apiVersion: string, kind: string): KindInfo | undefined {
    return this.#byName.get(`${apiVersion}/${kind}`);
  }

  /** Those of the definition of that name; `undefined` while they are not served. */
  of(definition: string): readonly KindInfo[] | undefined {
    return this.#definitions.get(definition);
  }

  serve(definition: string, kinds: readonly KindInfo[]): void {
    this.#definitions.set(definition, kinds);
    this.#learn();
  }

  end(definition: string): void {
    if (this.#definitions.delete(definition)) this.#learn();
  }

  #learn(): void {
    this.#all = [...builtInKinds, ...[...this.#definitions.values()].flat()];
    // Of two with one name the first is served.
    this.#byName = new Map(this.#all.toReversed().map((kind) => [`${apiVersionOf(kind)}/${kind.kind}`, kind]));
  }
}
