import { z } from 'zod';
import type { PathParameters } from '../../routing/route';

const pattern = /^pay_[0-9a-f]{32}$/;

/** Whether the text can be the id of a payment; what cannot is not looked up. */
export function isPaymentId(text: string): boolean {
  return pattern.test(text);
}

/** The `{id}` of every path below /v1/payments. */
export const paymentIdInPath: PathParameters<{ id: string }> = {
  schema: z.object({ id: z.string().regex(pattern) }),
  otherwise: 'payment_not_found',
};
