import type { PaymentRecord } from '../../application/ports/payment-reader';
import type {
  RequestDecision,
  RequestIntake,
  RequestOnPayment,
} from '../../application/ports/request-intake';
import { Prisma } from '../../generated/prisma/client';
import type { PrismaClient } from '../../generated/prisma/client';
import { insertAuditEntry } from './audit-trail';
import { available } from './availability';
import type { Sql } from './client';
import { insertMessages } from './outbox-messages';
import { fromDbPayment, paymentFields } from './payment-row';
import type { PaymentRow } from './payment-row';
import { insertRefund } from './refund-request';

// A request waits this long for its transaction, and for a payment that another one has locked.
const limits = { maxWait: 3_000, timeout: 5_000 };

/** Writes what is asked of payments. */
export function createRequestIntake(prisma: PrismaClient): RequestIntake {
  return {
    accept: (request) => available('accept a request', () => accept(prisma, request)),
  };
}

type Granted = Extract<RequestDecision<unknown>, { kind: 'granted' }>;

type Outcome<Refusal> = RequestDecision<Refusal> | { readonly kind: 'key_taken' };

/**
 * The key goes first: a request that holds the same key uncommitted makes this one wait for its end.
 * Then the payment is locked and judged; what the judgement refuses takes the key back with it.
 * Crash points: before the commit nothing exists; after it, a repeat finds the key and its answer.
 */
async function accept<Refusal>(
  prisma: PrismaClient,
  request: RequestOnPayment<Refusal>,
): Promise<Outcome<Refusal>> {
  const undone: { outcome: Outcome<Refusal> | null } = { outcome: null };
  try {
    return await prisma.$transaction(async (sql) => {
      const outcome = await decideLocked(sql, request);
      if (outcome.kind === 'granted') return outcome;
      undone.outcome = outcome;
      throw new Undone();
    }, limits);
  } catch (error) {
    if (error instanceof Undone && undone.outcome !== null) return undone.outcome;
    throw error;
  }
}

/** Takes the transaction back; what was decided is kept beside it. */
class Undone extends Error {}

async function decideLocked<Refusal>(
  sql: Sql,
  request: RequestOnPayment<Refusal>,
): Promise<Outcome<Refusal>> {
  if (!(await takeKey(sql, request))) return { kind: 'key_taken' };
  const decision = request.decide(await lockPayment(sql, request));
  if (decision.kind === 'refused') return decision;
  await insertRequest(sql, request.paymentId, decision);
  await storeAnswer(sql, request, decision);
  if (decision.outbox.length > 0) {
    const subject = Prisma.sql`(SELECT ${request.paymentId}::text AS id) AS subject`;
    await sql.$executeRaw(insertMessages(subject, decision.outbox));
  }
  return decision;
}

async function takeKey(sql: Sql, { idempotency }: RequestOnPayment<unknown>): Promise<boolean> {
  const { scope, bodySha256 } = idempotency;
  const taken = await sql.$executeRaw`
    INSERT INTO idempotency_keys (merchant_id, method, path, key, body_sha256, status_code,
      response_body)
    VALUES (${scope.merchantId}::text, ${scope.method}::text, ${scope.path}::text,
      ${scope.key}::text, ${bodySha256}::text, 202, '')
    ON CONFLICT DO NOTHING`;
  return taken === 1;
}

async function lockPayment(
  sql: Sql,
  { paymentId, idempotency }: RequestOnPayment<unknown>,
): Promise<PaymentRecord | null> {
  // Locked first and read after: what is read in the locking statement itself, refunds and requests,
  // would be as old as its start and not as the lock.
  await sql.$queryRaw`SELECT id FROM payments WHERE id = ${paymentId}::text FOR UPDATE`;
  const [row] = await sql.$queryRaw<PaymentRow[]>`
    SELECT ${paymentFields} FROM payments p
    WHERE p.id = ${paymentId}::text AND p.merchant_id = ${idempotency.scope.merchantId}::text`;
  return row === undefined ? null : fromDbPayment(row);
}

async function insertRequest(
  sql: Sql,
  paymentId: string,
  { request, askedAt }: Granted,
): Promise<void> {
  if (request.kind === 'look') return;
  if (request.kind === 'refund') return insertRefund(sql, paymentId, { ...request, askedAt });
  if (request.kind === 'operator_action') return insertAuditEntry(sql, request.entry);
  const amountMinor = request.kind === 'capture' ? request.amountMinor : null;
  await sql.$executeRaw`
    INSERT INTO payment_requests (id, payment_id, kind, amount_minor, created_at)
    VALUES (${request.id}::text, ${paymentId}::text, ${request.kind}::text,
      ${amountMinor}::bigint, ${askedAt.toISOString()}::timestamptz)`;
}

async function storeAnswer(
  sql: Sql,
  { paymentId, idempotency }: RequestOnPayment<unknown>,
  { request, answer }: Granted,
): Promise<void> {
  const { scope, lockMs } = idempotency;
  await sql.$executeRaw`
    UPDATE idempotency_keys SET status_code = ${answer.statusCode}::integer,
      response_headers = ${JSON.stringify(answer.headers)}::jsonb,
      response_body = ${answer.body}::text, payment_id = ${paymentId}::text,
      subject_id = ${request.id}::text,
      locked_until = clock_timestamp() + ${lockMs}::float8 * interval '1 ms'
    WHERE merchant_id = ${scope.merchantId}::text AND method = ${scope.method}::text
      AND path = ${scope.path}::text AND key = ${scope.key}::text`;
}
