import { Context } from '@temporalio/activity';
import type { Log } from '../application/ports/log';
import { ProviderError } from '../application/ports/payment-provider';
import type { IntentSnapshot, PaymentProvider } from '../application/ports/payment-provider';
import type { ProviderListing } from '../application/ports/provider-listing';
import type {
  NewDrift,
  PageResult,
  ReconciledPayment,
  ReconciliationStore,
  Run,
} from '../application/ports/reconciliation-store';
import type { SagaNews } from '../application/ports/saga-news';
import { isOpenIntent, paymentDifferences } from '../domain/reconciliation';

export interface ReconcileDependencies {
  readonly reconciliation: ReconciliationStore;
  readonly listing: ProviderListing;
  readonly provider: Pick<PaymentProvider, 'retrieveIntent' | 'retrieveRefund' | 'cancelIntent'>;
  readonly news: Pick<SagaNews, 'tellPayment' | 'applyFact'>;
  readonly log: Log;
}

export const pageSize = 100;

/** What one object of a page comes to. */
export interface Finding {
  readonly drifts: readonly NewDrift[];
  readonly foreign?: number;
  readonly inFlight?: number;
}

export const nothing: Finding = { drifts: [] };
const inFlight: Finding = { drifts: [], inFlight: 1 };

/** The counts and the drifts of all findings of a page. */
export function sumOf(findings: readonly Finding[]) {
  return {
    drifts: findings.flatMap(({ drifts }) => drifts),
    foreign: findings.reduce((sum, { foreign = 0 }) => sum + foreign, 0),
    inFlight: findings.reduce((sum, finding) => sum + (finding.inFlight ?? 0), 0),
  };
}

/** One after the other, each with a beat: a page of differences is a call of the provider for each. */
export async function each<Item>(
  items: readonly Item[],
  find: (item: Item) => Promise<Finding>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const item of items) {
    Context.current().heartbeat();
    findings.push(await find(item));
  }
  return findings;
}

/** A page of the provider's intents, each against the payment that stores it or that it names. */
export async function compareIntents(
  deps: ReconcileDependencies,
  run: Run,
  graceMs: number,
): Promise<PageResult> {
  const page = await deps.listing.intents({ from: run.from, to: run.to, after: run.place.after });
  const intents = page.objects;
  const payments = await deps.reconciliation.payments({
    intentIds: intents.map(({ id }) => id),
    paymentIds: intents.flatMap(({ paymentId }) => paymentId ?? []),
  });
  const byIntent = new Map(payments.map((payment) => [payment.intentId, payment]));
  const byId = new Map(payments.map((payment) => [payment.paymentId, payment]));
  const findings = await each(intents, async (intent) => {
    const payment = byIntent.get(intent.id);
    if (payment !== undefined) return compareOne(deps, { payment, intent, graceMs });
    if (intent.paymentId === null) return { drifts: [], foreign: 1 };
    return unstored(intent, byId.get(intent.paymentId), graceMs);
  });
  const sum = sumOf(findings);
  return {
    run,
    ...sum,
    next: page.next === null ? { phase: 'refunds', after: null } : at('intents', page.next),
    seen: intents.filter(({ id }) => byIntent.has(id)).map(({ id }) => id),
    intents: intents.length,
    foreign: sum.foreign + page.unreadable,
  };
}

function at(phase: 'intents' | 'payments', after: string) {
  return { phase, after };
}

/** A page of our payments whose intent the provider did not list: it is asked for each by its id. */
export async function compareUnseen(
  deps: ReconcileDependencies,
  run: Run,
  graceMs: number,
): Promise<PageResult> {
  const payments = await deps.reconciliation.unseenPayments({ run, limit: pageSize });
  const findings = await each(payments, async (payment) => {
    const intent = await intentOf(deps, payment.intentId);
    if (intent !== null) return compareOne(deps, { payment, intent, graceMs });
    return isChanging(payment, graceMs) ? inFlight : missingThere(payment);
  });
  const last = payments.at(-1)?.paymentId;
  const isLast = last === undefined || payments.length < pageSize;
  return {
    run,
    ...sumOf(findings),
    next: isLast ? { phase: 'own_refunds', after: null } : at('payments', last),
    seen: [],
  };
}

/** The live intent; null where the provider does not have it. */
export async function intentOf(
  { provider }: Pick<ReconcileDependencies, 'provider'>,
  intentId: string | null,
): Promise<IntentSnapshot | null> {
  if (intentId === null) return null;
  try {
    return await provider.retrieveIntent(intentId);
  } catch (error) {
    if (error instanceof ProviderError && error.kind === 'not_found') return null;
    throw error;
  }
}

interface Pair {
  readonly payment: ReconciledPayment;
  readonly intent: IntentSnapshot;
  readonly graceMs: number;
}

/** A difference counts once both sides, read again, still show it: a list is of the moment before. */
async function compareOne(deps: ReconcileDependencies, pair: Pair): Promise<Finding> {
  if (paymentDifferences(pair.payment, pair.intent).length === 0) return nothing;
  if (isChanging(pair.payment, pair.graceMs)) return inFlight;
  const intent = await intentOf(deps, pair.intent.id);
  const [payment] = await deps.reconciliation.payments({
    intentIds: [pair.intent.id],
    paymentIds: [],
  });
  if (intent === null || payment === undefined) return inFlight;
  const drifts = paymentDifferences(payment, intent).map(({ type }) => ({
    type,
    subject: payment.paymentId,
    paymentId: payment.paymentId,
    evidence: { here: shown(payment), there: shownIntent(intent), intent_id: intent.id },
  }));
  return { drifts };
}

/** Something is on its way that may explain a difference. */
export function isChanging(payment: ReconciledPayment, graceMs: number): boolean {
  return payment.isAsked || payment.ageMs < graceMs;
}

/** An intent with our mark that no payment stores. */
function unstored(
  intent: IntentSnapshot,
  payment: ReconciledPayment | undefined,
  graceMs: number,
): Finding {
  const isHarmless = intent.status === 'canceled' && intent.capturedMinor === 0;
  if (payment !== undefined && isHarmless) return nothing;
  // One that is stored by and by: its payment has just begun.
  if (payment !== undefined && isOpenIntent(intent) && isChanging(payment, graceMs)) {
    return inFlight;
  }
  const drift: NewDrift = {
    type: 'missing_here',
    subject: intent.id,
    paymentId: payment?.paymentId ?? null,
    evidence: {
      here: payment === undefined ? null : shown(payment),
      there: shownIntent(intent),
      intent_id: intent.id,
    },
  };
  return { drifts: [drift] };
}

function missingThere(payment: ReconciledPayment): Finding {
  const { paymentId } = payment;
  const evidence = { here: shown(payment), there: null, intent_id: payment.intentId };
  return { drifts: [{ type: 'missing_there', subject: paymentId, paymentId, evidence }] };
}

function shown(payment: ReconciledPayment): object {
  const { status, currency, version, intentId } = payment;
  return {
    status,
    version,
    intent_id: intentId,
    currency,
    amount: payment.amountMinor,
    amount_capturable: payment.heldMinor,
    amount_captured: payment.capturedMinor,
    amount_refunded: payment.refundedMinor,
  };
}

function shownIntent(intent: IntentSnapshot): object {
  const { status, currency, paymentId } = intent;
  return {
    status,
    payment_id: paymentId,
    currency,
    amount: intent.amountMinor,
    amount_capturable: intent.capturableMinor,
    amount_captured: intent.capturedMinor,
    amount_refunded: intent.refundedMinor,
  };
}
