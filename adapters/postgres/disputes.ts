import type { DisputeChange, DisputeStore } from '../../application/ports/dispute-store';
import type { DisputeSnapshot } from '../../application/ports/payment-provider';
import type { SagaPayment } from '../../application/ports/saga-store';
import { disputeChange } from '../../domain/dispute-states';
import { paymentFactTypes } from '../../domain/payment-facts';
import type { PaymentFactType } from '../../domain/payment-facts';
import type { Sql } from './client';
import { factOf, factParts } from './fact';
import { guarded } from './store-errors';

/** The disputes of payments in Postgres. */
export function createDisputeStore(prisma: Sql): DisputeStore {
  return { tell: (told) => guarded('tell dispute', () => tell(prisma, told)) };
}

interface Told {
  readonly payment: SagaPayment;
  readonly dispute: DisputeSnapshot;
}

const unchanged: DisputeChange = { event: null, isWritten: true };

async function tell(prisma: Sql, told: Told): Promise<DisputeChange> {
  const { dispute } = told;
  const [stored] = await prisma.$queryRaw<{ status: string; is_closed: boolean }[]>`
    SELECT status, closed_at IS NOT NULL AS is_closed FROM disputes
    WHERE id = ${dispute.id}::text`;
  const before = stored ? { status: stored.status, isClosed: stored.is_closed } : null;
  const change = disputeChange(before, dispute.status);
  if (change === null) return unchanged;
  if (change !== 'noted') return { event: change, isWritten: await write(prisma, told, change) };
  await prisma.$executeRaw`
    UPDATE disputes SET status = ${dispute.status}::text, updated_at = clock_timestamp()
    WHERE id = ${dispute.id}::text AND closed_at IS NULL`;
  return unchanged;
}

/** The payment's version is the lock: of two who tell the same at once, one finds it moved on. */
async function write(
  prisma: Sql,
  { payment, dispute }: Told,
  event: PaymentFactType,
): Promise<boolean> {
  const { id, status, reason, currency, openedAt, amountMinor } = dispute;
  const about = { dispute: { id, amount: amountMinor, status, reason } };
  const isClosing = event === paymentFactTypes.disputeClosed;
  const rows = await prisma.$queryRaw<{ written: boolean }[]>`
    WITH updated AS (
      UPDATE payments SET version = version + 1, updated_at = clock_timestamp()
      WHERE id = ${payment.paymentId}::text AND version = ${payment.version}::integer
      RETURNING id, version
    ), saved AS (
      INSERT INTO disputes (id, payment_id, amount_minor, currency, status, reason, opened_at,
        closed_at)
      SELECT ${id}::text, updated.id, ${amountMinor}::bigint, ${currency}::text, ${status}::text,
        ${reason}::text, ${openedAt}::timestamptz,
        CASE WHEN ${isClosing}::boolean THEN clock_timestamp() END
      FROM updated
      ON CONFLICT (id) DO UPDATE SET status = EXCLUDED.status, amount_minor = EXCLUDED.amount_minor,
        closed_at = EXCLUDED.closed_at, updated_at = clock_timestamp()
    ), ${factParts(payment, factOf(payment, { type: event, about }))}
    SELECT EXISTS (SELECT 1 FROM updated) AS written`;
  return rows[0]?.written === true;
}
