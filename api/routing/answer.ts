import type { z } from 'zod';
import type { ResponseHeader } from './response-headers';

/** One answer of a route that is no problem. */
export interface Answer {
  readonly description: string;
  readonly contentType: string;
  readonly schema: z.ZodType;
  readonly headers: readonly ResponseHeader[];
}

/** An answer in JSON. */
export function json(
  description: string,
  schema: z.ZodType,
  headers: readonly ResponseHeader[] = [],
): Answer {
  return { description, contentType: 'application/json', schema, headers };
}

/** An answer in another format, which `schema` only names. */
export function content(description: string, contentType: string, schema: z.ZodType): Answer {
  return { description, contentType, schema, headers: [] };
}
