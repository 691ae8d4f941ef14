import { z } from 'zod';
import type { PathParameters } from '../../routing/route';

/** The `{id}` of every path below /v1/reconciliations. */
export const runIdInPath: PathParameters<{ id: string }> = {
  schema: z.object({ id: z.string().regex(/^rec_[0-9a-f]{32}$/) }),
  otherwise: 'reconciliation_not_found',
};
