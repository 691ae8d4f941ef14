import { auditIntent, auditRecords, isLive } from '../domain/audit';
import type { AuditedPayment, AuditFinding } from '../domain/audit';
import type { AuditReader } from './ports/audit-reader';
import { ProviderError } from './ports/payment-provider';
import type { IntentSnapshot, PaymentProvider } from './ports/payment-provider';
import type { ProviderListing } from './ports/provider-listing';

export interface AuditDeps {
  readonly reader: AuditReader;
  readonly provider: Pick<PaymentProvider, 'retrieveIntent'>;
  readonly listing: Pick<ProviderListing, 'intents'>;
  /** Told of each finding as it is made. */
  readonly onFinding: (finding: PaymentFinding) => void;
}

export interface PaymentFinding extends AuditFinding {
  readonly paymentId: string;
}

export interface AuditResult {
  readonly payments: number;
  readonly intents: number;
  readonly findings: number;
}

const pageSize = 100;
// Within the 100 reads a second that Stripe allows a live account.
const parallel = 8;

/**
 * Holds every payment and every intent with our mark to the rules, reading only. What is found is
 * looked at a second time, for a payment may change between the reads of the two sides.
 * @throws ProviderError | DependencyUnavailable: an audit that was not finished proves nothing
 */
export async function audit(deps: AuditDeps): Promise<AuditResult> {
  const total = { payments: 0, intents: 0, findings: 0 };
  const report = (findings: readonly PaymentFinding[]) => {
    total.findings += findings.length;
    for (const finding of findings) deps.onFinding(finding);
  };
  for await (const page of pagesOf(deps.reader)) {
    total.payments += page.length;
    for (let first = 0; first < page.length; first += parallel) {
      const group = page.slice(first, first + parallel);
      const found = await Promise.all(group.map((payment) => auditTwice(deps, payment)));
      report(found.flat());
    }
  }
  for await (const intents of listedBy(deps.listing)) {
    total.intents += intents.length;
    report(await auditListed(deps, intents));
  }
  return total;
}

async function* pagesOf(reader: AuditReader): AsyncGenerator<readonly AuditedPayment[]> {
  let after: string | null = null;
  for (;;) {
    const page: readonly AuditedPayment[] = await reader.page({ after, limit: pageSize });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = last.paymentId;
  }
}

async function* listedBy(
  listing: Pick<ProviderListing, 'intents'>,
): AsyncGenerator<readonly IntentSnapshot[]> {
  let after: string | null = null;
  // A clock of ours that is slow must not hide the newest.
  const window = { from: new Date(0), to: new Date(Date.now() + 86_400_000) };
  do {
    const page: Awaited<ReturnType<typeof listing.intents>> = await listing.intents({
      ...window,
      after,
    });
    yield page.objects;
    after = page.next;
  } while (after !== null);
}

async function auditTwice(deps: AuditDeps, payment: AuditedPayment): Promise<PaymentFinding[]> {
  if ((await auditOne(deps, payment)).length === 0) return [];
  const [again] = await deps.reader.find([payment.paymentId]);
  return again === undefined ? [] : auditOne(deps, again);
}

async function auditOne(deps: AuditDeps, payment: AuditedPayment): Promise<PaymentFinding[]> {
  const { paymentId, intentId } = payment;
  const intent = intentId === null ? null : await intentOf(deps, intentId);
  const findings = [...auditRecords(payment), ...auditIntent(payment, intent)];
  return findings.map((finding) => ({ paymentId, ...finding }));
}

async function intentOf({ provider }: AuditDeps, intentId: string): Promise<IntentSnapshot | null> {
  try {
    return await provider.retrieveIntent(intentId);
  } catch (error) {
    if (error instanceof ProviderError && error.kind === 'not_found') return null;
    throw error;
  }
}

/** I1 and I2 from the provider's side: money under our mark, on an intent that no payment stores. */
async function auditListed(
  deps: AuditDeps,
  intents: readonly IntentSnapshot[],
): Promise<PaymentFinding[]> {
  const ours = intents.filter((intent) => intent.paymentId !== null && isLive(intent));
  const payments = await deps.reader.find(ours.flatMap(({ paymentId }) => paymentId ?? []));
  const byId = new Map(payments.map((payment) => [payment.paymentId, payment]));
  const found: PaymentFinding[] = [];
  for (const intent of ours) {
    const payment = byId.get(intent.paymentId ?? '');
    if (payment?.intentId === intent.id) continue;
    found.push(await unstored(deps, intent, payment));
  }
  return found;
}

async function unstored(
  deps: AuditDeps,
  intent: IntentSnapshot,
  payment: AuditedPayment | undefined,
): Promise<PaymentFinding> {
  const paymentId = intent.paymentId ?? '';
  const stored = payment?.intentId ? await intentOf(deps, payment.intentId) : null;
  const isDouble = stored !== null && isLive(stored);
  return {
    paymentId,
    rule: isDouble ? 'I1' : 'I2',
    problem: isDouble ? 'charged twice' : 'money on an intent that no payment stores',
    evidence: { stored, intent },
  };
}
