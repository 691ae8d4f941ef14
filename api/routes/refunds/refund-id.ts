import { z } from 'zod';
import type { PathParameters } from '../../routing/route';

/** A refund that compensates is named after its payment, and numbered. */
const pattern = /^re_[0-9a-f]{32}(_u\d{1,6})?$/;

/** Whether the text can be the id of a refund; what cannot is not looked up. */
export function isRefundId(text: string): boolean {
  return pattern.test(text);
}

/** The `{id}` of every path below /v1/refunds. */
export const refundIdInPath: PathParameters<{ id: string }> = {
  schema: z.object({ id: z.string().regex(pattern) }),
  otherwise: 'refund_not_found',
};
