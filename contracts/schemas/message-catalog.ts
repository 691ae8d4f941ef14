import type { z } from 'zod';
import { paymentFactTypes } from '../../domain/payment-facts';
import type { PaymentFactType } from '../../domain/payment-facts';
import { paymentEventTypes } from '../../domain/payment-states';
import type { PaymentEventType } from '../../domain/payment-states';
import {
  applyEventCommandType,
  deliverRequestCommandType,
  driftFoundEventType,
  processPaymentCommandType,
  refundCommandType,
} from '../messages';
import type { Command } from '../messages';
import {
  applyEventCommandSchema,
  deliverRequestCommandSchema,
  driftFoundSchema,
  paymentEventSchema,
  paymentFactSchema,
  processPaymentCommandSchema,
  refundCommandSchema,
} from './messages';

/** A type of message, for whoever reads it. */
export interface DescribedMessage {
  readonly type: string;
  /** Events are for everybody; commands are between the parts of this service. */
  readonly kind: 'event' | 'command';
  readonly summary: string;
  /** What the whole envelope has to be. */
  readonly schema: z.ZodType;
}

const events: Readonly<Record<PaymentEventType, string>> = {
  [paymentEventTypes.pending]: 'A payment was accepted.',
  [paymentEventTypes.processing]: 'Its charge was begun.',
  [paymentEventTypes.requires_action]: 'The customer has to act before it can go on.',
  [paymentEventTypes.authorized]: 'The amount is held on the card.',
  [paymentEventTypes.succeeded]: 'The amount was captured.',
  [paymentEventTypes.failed]: 'It failed, and nothing of it is held or kept.',
  [paymentEventTypes.canceled]: 'It was canceled, and nothing of it is held or kept.',
  [paymentEventTypes.needs_review]: 'It is parked: an operator has to decide.',
};

const facts: Readonly<Record<PaymentFactType, string>> = {
  [paymentFactTypes.holdExpiring]: 'The hold lapses soon.',
  [paymentFactTypes.disputeOpened]: 'The cardholder disputes the payment.',
  [paymentFactTypes.disputeClosed]: 'A dispute was decided.',
  [paymentFactTypes.refundRequested]: 'A refund was asked for.',
  [paymentFactTypes.refundSucceeded]: 'A refund succeeded.',
  [paymentFactTypes.refundFailed]: 'A refund failed.',
  [paymentFactTypes.refundCanceled]: 'A refund was canceled.',
  [paymentFactTypes.refundReversed]: 'A refund that had succeeded came back.',
};

const commands: Readonly<
  Record<Command['type'], { readonly summary: string; readonly schema: z.ZodType }>
> = {
  [processPaymentCommandType]: {
    summary: 'Starts the saga of an accepted payment.',
    schema: processPaymentCommandSchema,
  },
  [deliverRequestCommandType]: {
    summary: 'Hands a stored capture or cancel to the saga.',
    schema: deliverRequestCommandSchema,
  },
  [refundCommandType]: {
    summary: 'Starts the saga of a stored refund.',
    schema: refundCommandSchema,
  },
  [applyEventCommandType]: {
    summary: 'Applies a stored webhook.',
    schema: applyEventCommandSchema,
  },
};

/** Every message that there is. What is not here is not documented, which a test notices. */
export const describedMessages: readonly DescribedMessage[] = [
  ...described(events, paymentEventSchema),
  ...described(facts, paymentFactSchema),
  ...described(
    { [driftFoundEventType]: 'A reconciliation found records that differ from the provider.' },
    driftFoundSchema,
  ),
  ...Object.entries(commands).map(([type, command]): DescribedMessage => ({
    type,
    kind: 'command',
    ...command,
  })),
];

function described(
  summaries: Readonly<Record<string, string>>,
  schema: z.ZodType,
): DescribedMessage[] {
  return Object.entries(summaries).map(([type, summary]) => ({
    type,
    kind: 'event',
    summary,
    schema,
  }));
}
