import { z } from 'zod';
import type { TalosContract } from '../talos-contract.ts';

/** A kind of config document: from which Talos on it exists, and what may stand in it. */
export interface DocumentKind<Shape extends z.core.$ZodLooseShape = z.core.$ZodLooseShape> {
  readonly since: TalosContract;
  readonly schema: z.ZodObject<Shape, z.core.$strict>;
  /**
   * Fields that came later than their kind, by path; lists on the way are left out of it. `a.b=c` is one value of the
   * field, for values that came later than the field.
   */
  readonly fieldsSince: Readonly<Record<string, TalosContract>>;
}

export const kind = <Shape extends z.core.$ZodLooseShape>(
  since: TalosContract,
  shape: Shape,
  fieldsSince: Readonly<Record<string, TalosContract>> = {},
): DocumentKind<Shape> => ({ since, schema: z.strictObject(shape), fieldsSince });

export const text = z.string();
export const texts = z.array(z.string());
export const flag = z.boolean();
export const whole = z.int();
/** A Go duration, such as `1m30s`. */
export const duration = z.string().regex(/^[-+]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/);
/** Bytes with a unit, such as `10GiB`. */
export const size = z.string();
/** An expression in the Common Expression Language. */
export const match = z.strictObject({ match: z.string() });
/** What belongs to Kubernetes or to another program, and is passed on as it is. */
export const foreign = z.record(z.string(), z.unknown());
export const textMap = z.record(z.string(), z.string());
