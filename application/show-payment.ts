import type { ApiNextAction, ApiPayment } from '../contracts/api-payment';
import { toApiPayment } from './payment-view';
import type { CustomerActions } from './ports/customer-actions';
import type { Answer } from './ports/idempotency-store';
import type { PaymentReader, PaymentRecord } from './ports/payment-reader';

export interface ShowPaymentDeps {
  readonly payments: PaymentReader;
  /** Null where the process has no key of the provider's. */
  readonly actions: CustomerActions | null;
}

/**
 * The payment for one caller. Who may write is also shown what the customer needs to act: read from
 * the provider, and kept in no row.
 */
export async function showPayment(
  deps: Pick<ShowPaymentDeps, 'actions'>,
  payment: PaymentRecord,
  { mayWrite }: { readonly mayWrite: boolean },
): Promise<ApiPayment> {
  const shown = toApiPayment(payment);
  if (shown.next_action === null || !mayWrite) return shown;
  return { ...shown, next_action: await revealed(deps, payment, shown.next_action) };
}

/** A stored answer with what may not be stored: the same payment, its next action revealed. */
export async function revealAnswer(deps: ShowPaymentDeps, answer: Answer): Promise<Answer> {
  const shown: unknown = JSON.parse(answer.body);
  if (!hasNextAction(shown)) return answer;
  const payment = await deps.payments.findById(shown.id);
  if (payment === null) return answer;
  const next_action = await revealed(deps, payment, shown.next_action);
  return { ...answer, body: JSON.stringify({ ...shown, next_action }) };
}

async function revealed(
  { actions }: Pick<ShowPaymentDeps, 'actions'>,
  { intentId }: PaymentRecord,
  action: ApiNextAction,
): Promise<ApiNextAction> {
  if (intentId === null || actions === null) return action;
  const live = await actions.read(intentId);
  if (live === null) return action;
  return { ...action, redirect_url: live.redirectUrl, client_secret: live.clientSecret };
}

function hasNextAction(
  shown: unknown,
): shown is { readonly id: string; readonly next_action: ApiNextAction } {
  return (
    typeof shown === 'object' &&
    shown !== null &&
    'next_action' in shown &&
    shown.next_action !== null
  );
}
