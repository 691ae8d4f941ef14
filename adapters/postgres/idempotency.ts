import type {
  Answer,
  IdempotencyScope,
  IdempotencyStore,
  StoredKey,
} from '../../application/ports/idempotency-store';
import { Prisma } from '../../generated/prisma/client';
import type { PrismaClient } from '../../generated/prisma/client';
import { available } from './availability';

interface KeyRow {
  body_sha256: string;
  status_code: number;
  response_headers: Record<string, string>;
  response_body: string;
  subject_id: string | null;
  remaining_ms: number | null;
}

/** The truth about idempotency keys. */
export function createIdempotencyStore(prisma: PrismaClient): IdempotencyStore {
  return {
    read: (scope) => available('read a key', () => read(prisma, scope)),
    relock: (request) => available('take over a key', () => relock(prisma, request)),
    release: (scope) => available('release a key', () => release(prisma, scope)),
    conclude: (request) => available('store an answer', () => conclude(prisma, request)),
  };
}

async function read(prisma: PrismaClient, scope: IdempotencyScope): Promise<StoredKey | null> {
  const [row] = await prisma.$queryRaw<KeyRow[]>`
    SELECT body_sha256, status_code, response_headers, response_body,
      coalesce(subject_id, payment_id) AS subject_id,
      extract(epoch FROM locked_until - clock_timestamp())::float8 * 1000 AS remaining_ms
    FROM idempotency_keys WHERE ${isScope(scope)}`;
  if (row === undefined) return null;
  return {
    bodySha256: row.body_sha256,
    answer: {
      statusCode: row.status_code,
      headers: row.response_headers,
      body: row.response_body,
    },
    subjectId: row.subject_id,
    lock: lockOf(row.remaining_ms),
  };
}

function lockOf(remainingMs: number | null): StoredKey['lock'] {
  if (remainingMs === null) return { kind: 'final' };
  return remainingMs > 0 ? { kind: 'held', remainingMs } : { kind: 'lapsed' };
}

async function relock(
  prisma: PrismaClient,
  { scope, lockMs }: { readonly scope: IdempotencyScope; readonly lockMs: number },
): Promise<boolean> {
  const changed = await prisma.$executeRaw`
    UPDATE idempotency_keys
    SET locked_until = clock_timestamp() + ${lockMs}::float8 * interval '1 ms'
    WHERE ${isScope(scope)} AND locked_until <= clock_timestamp()`;
  return changed === 1;
}

async function release(prisma: PrismaClient, scope: IdempotencyScope): Promise<void> {
  await prisma.$executeRaw`
    UPDATE idempotency_keys SET locked_until = clock_timestamp()
    WHERE ${isScope(scope)} AND locked_until IS NOT NULL`;
}

async function conclude(
  prisma: PrismaClient,
  { scope, answer }: { readonly scope: IdempotencyScope; readonly answer: Answer },
): Promise<boolean> {
  const changed = await prisma.$executeRaw`
    UPDATE idempotency_keys
    SET status_code = ${answer.statusCode}::integer, locked_until = NULL,
      response_headers = ${JSON.stringify(answer.headers)}::jsonb,
      response_body = ${answer.body}::text
    WHERE ${isScope(scope)} AND locked_until IS NOT NULL`;
  return changed === 1;
}

function isScope(scope: IdempotencyScope): Prisma.Sql {
  return Prisma.sql`merchant_id = ${scope.merchantId}::text AND method = ${scope.method}::text
    AND path = ${scope.path}::text AND key = ${scope.key}::text`;
}
