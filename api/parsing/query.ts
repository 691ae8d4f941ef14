import { z } from 'zod';

const limitText = 'must be a whole number from 1 to 100';

/** How many entries a page of a list has at most. */
export const pageLimit = z
  .string(limitText)
  .regex(/^(?:[1-9]\d?|100)$/, limitText)
  .transform(Number)
  .default(10)
  .meta({ sentAs: { type: 'integer', minimum: 1, maximum: 100, default: 10 } });

/** A parameter that may be left out, and is null then. */
export function orNull<Output, Input>(schema: z.ZodType<Output, Input>) {
  return schema.optional().transform((value) => value ?? null);
}

const timeText = 'must be one RFC 3339 time with its offset, such as "2026-01-31T12:00:00Z"';

// Postgres knows no year 0, and nothing that is listed is older than this.
const isPossible = (time: Date) => time.getUTCFullYear() >= 1970 && time.getUTCFullYear() <= 9999;

/** A moment, to the millisecond. */
export const time = z.iso
  .datetime({ offset: true, error: timeText })
  .transform((text) => new Date(text))
  .refine(isPossible, timeText);
