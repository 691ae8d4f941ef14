import { requestKey } from '../../application/ports/saga-store';
import type {
  NewProviderRequest,
  ProviderOperation,
  ProviderParams,
  ProviderRequest,
} from '../../application/ports/saga-store';
import type { Answered } from '../../contracts/provider-answers';
import { Prisma } from '../../generated/prisma/client';
import type { PrismaClient } from '../../generated/prisma/client';

interface RequestRow<O extends ProviderOperation> {
  attempt_number: number;
  idempotency_key: string;
  /** Written by this module from the same type, and never by anybody else. */
  params: ProviderParams[O];
  age_ms: number;
}

/** The request with the highest number, or null when the operation was never begun. */
export async function latestRequest<O extends ProviderOperation>(
  prisma: PrismaClient,
  of: Readonly<{ paymentId: string; operation: O }>,
): Promise<ProviderRequest<O> | null> {
  const [row] = await prisma.$queryRaw<RequestRow<O>[]>`
    SELECT attempt_number, idempotency_key, params,
      (extract(epoch FROM clock_timestamp() - first_used_at) * 1000)::float8 AS age_ms
    FROM provider_requests
    WHERE payment_id = ${of.paymentId}::text AND operation = ${of.operation}::text
    ORDER BY attempt_number DESC LIMIT 1`;
  if (row === undefined) return null;
  return {
    operation: of.operation,
    attemptNumber: row.attempt_number,
    idempotencyKey: row.idempotency_key,
    params: row.params,
    ageMs: row.age_ms,
  };
}

/** Adds a request, for a refund with its row in the same statement; an existing number stays as it is. */
export async function insertRequest(
  prisma: PrismaClient,
  request: Readonly<{ paymentId: string }> & NewProviderRequest,
): Promise<void> {
  const { paymentId, operation, attemptNumber, params } = request;
  const refund = 'refundId' in params ? params : null;
  await prisma.$executeRaw`
    WITH requested AS (
      INSERT INTO provider_requests (payment_id, operation, attempt_number, idempotency_key, params)
      VALUES (${paymentId}::text, ${operation}::text, ${attemptNumber}::integer,
        ${requestKey(paymentId, request)}::text, ${JSON.stringify(params)}::jsonb)
      ON CONFLICT DO NOTHING
      RETURNING payment_id
    )
    INSERT INTO refunds (id, payment_id, amount_minor, currency, status, reason)
    SELECT ${refund?.refundId ?? ''}::text, payment_id, ${refund?.amountMinor ?? 0}::bigint,
      ${refund?.currency ?? ''}::text, 'pending', 'compensation'
    FROM requested WHERE ${refund !== null}::boolean
    ON CONFLICT DO NOTHING`;
}

/**
 * The part of a statement that notes which requests were answered, after a part `updated` with the
 * payment's id: what is known with the outcome costs no statement of its own.
 */
export function noteAnswers({ answers = [] }: Answered): Prisma.Sql {
  const rows = answers.map(({ operation, attempt, requestId }) => ({
    operation,
    attempt_number: attempt,
    answer_request_id: requestId,
  }));
  return Prisma.sql`heard AS (
      UPDATE provider_requests r SET answer_request_id = a.answer_request_id
      FROM updated, jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS a(operation text, attempt_number integer, answer_request_id text)
      WHERE r.payment_id = updated.id AND r.operation = a.operation
        AND r.attempt_number = a.attempt_number
    )`;
}
