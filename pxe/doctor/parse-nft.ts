import { z } from 'zod';
import type { Firewall } from './host-facts.ts';

const ruleset = z.object({ nftables: z.array(z.record(z.string(), z.unknown())) });
const inputChain = z.object({
  table: z.string(),
  name: z.string(),
  hook: z.literal('input'),
  policy: z.string().optional(),
});
const chainRule = z.object({ table: z.string(), chain: z.string(), expr: z.array(z.unknown()) });
const portMatch = z.object({
  match: z.object({ left: z.object({ payload: z.object({ field: z.literal('dport') }) }), right: z.unknown() }),
});
const verdictOf = z.union([z.object({ drop: z.null() }), z.object({ reject: z.unknown() })]);

/** Reads `nft -j list ruleset` (libnftables-json(5)); `undefined` for what is none. */
export function parseNft(text: string): Firewall | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = ruleset.safeParse(json);
  if (!parsed.success) return undefined;
  const rules = parsed.data.nftables.flatMap(({ rule }) => keep(chainRule, rule));
  const inputs = parsed.data.nftables.flatMap(({ chain }) => keep(inputChain, chain));
  const rulesOf = ({ table, name }: z.output<typeof inputChain>) =>
    rules.filter((rule) => rule.table === table && rule.chain === name);
  // Also a last rule without a condition drops everything.
  const dropping = inputs.filter(
    (chain) =>
      chain.policy === 'drop' ||
      rulesOf(chain).some(({ expr }) => expr.length === 1 && verdictOf.safeParse(expr[0]).success),
  );
  // Ports are looked for in every rule, because input chains jump into others.
  const named = rules.flatMap(({ expr }) => expr.flatMap((one) => keep(portMatch, one)));
  return {
    dropping: dropping.map(({ table, name }) => `${table} ${name}`),
    namedPorts: [...new Set(named.flatMap(({ match }) => portsIn(match.right)))],
  };
}

const keep = <T>(schema: z.ZodType<T>, value: unknown): T[] => {
  const parsed = schema.safeParse(value);
  return parsed.success ? [parsed.data] : [];
};

const setOf = z.object({ set: z.array(z.unknown()) });
const rangeOf = z.object({ range: z.tuple([z.number(), z.number()]) });

function portsIn(right: unknown): number[] {
  if (typeof right === 'number') return [right];
  const set = setOf.safeParse(right);
  if (set.success) return set.data.set.flatMap(portsIn);
  const range = rangeOf.safeParse(right);
  if (!range.success) return [];
  const [from, to] = range.data.range;
  return Array.from({ length: to - from + 1 }, (_, step) => from + step);
}
