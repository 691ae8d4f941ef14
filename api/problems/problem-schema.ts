import { z } from 'zod';
import { isProblemCode, problemKinds } from './catalog';
import type { ProblemBody } from './problem-body';

const fieldError = z.strictObject({
  pointer: z.string().meta({ description: 'RFC 6901 pointer to the part that is wrong.' }),
  code: z.string(),
  detail: z.string(),
});

/** An RFC 9457 problem, the body of every error. */
export const problemSchema: z.ZodType<ProblemBody> = z
  .strictObject({
    type: z.string().meta({ description: 'Leads to a page that explains the code.' }),
    title: z.string(),
    status: z.int(),
    code: z
      .enum(Object.keys(problemKinds).filter(isProblemCode))
      .meta({ description: 'Stable; decide by it.' }),
    detail: z.string(),
    request_id: z.string().meta({ description: 'Finds the request in the logs.' }),
    errors: z.array(fieldError),
    retryable: z
      .boolean()
      .meta({ description: 'Whether the same request, under the same key, can succeed later.' }),
  })
  .meta({ id: 'Problem', description: 'An RFC 9457 problem.' });
