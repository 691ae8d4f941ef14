import { createHash, randomBytes } from 'node:crypto';
import type { ApiKeyReader } from '../../application/ports/api-key-reader';
import { scopes as everyScope } from '../../contracts/api-payment';
import type { Scope } from '../../contracts/api-payment';
import type { PrismaClient } from '../../generated/prisma/client';
import { available } from './availability';

/** Looks keys up for the API. */
export function createApiKeyReader(prisma: PrismaClient): ApiKeyReader {
  return {
    findBySha256: (keySha256) =>
      available('look up an API key', async () => {
        const row = await prisma.apiKey.findUnique({ where: { keySha256 } });
        if (row === null) return null;
        return {
          id: row.id,
          merchantId: row.merchantId,
          scopes: grantedScopes(row.scopes),
          expiresAt: row.expiresAt,
          revokedAt: row.revokedAt,
        };
      }),
  };
}

/** Makes a merchant; one that exists is left as it is. */
export async function seedMerchant(
  prisma: PrismaClient,
  merchant: { readonly id: string; readonly name: string },
): Promise<void> {
  await prisma.merchant.createMany({ data: [{ ...merchant }], skipDuplicates: true });
}

export interface NewApiKey {
  readonly merchantId: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt?: Date;
  /** A key made before (`psk_...`), to be known to this database too; made here when absent. */
  readonly secret?: string;
}

/**
 * Makes an API key. The clear text is returned once and stored nowhere; registering a key that
 * exists leaves it as it is.
 */
export async function createApiKey(
  prisma: PrismaClient,
  key: NewApiKey,
): Promise<{ readonly secret: string }> {
  const secret = key.secret ?? newSecret();
  const row = newKeyRow({ ...key, expiresAt: key.expiresAt ?? null }, secret);
  await prisma.apiKey.createMany({ data: [row], skipDuplicates: true });
  return { secret };
}

/** 32 random bytes: nothing to guess, so a plain SHA-256 is enough and can be looked up by index. */
export function newSecret(): string {
  return `psk_${randomBytes(32).toString('base64url')}`;
}

/** The row of a key, which knows its clear text by hash and last four characters only. */
export function newKeyRow(
  key: Pick<NewApiKey, 'merchantId' | 'scopes'> & { readonly expiresAt: Date | null },
  secret: string,
) {
  const keySha256 = createHash('sha256').update(secret).digest('hex');
  return {
    id: `key_${keySha256.slice(0, 24)}`,
    merchantId: key.merchantId,
    keySha256,
    lastFour: secret.slice(-4),
    scopes: [...key.scopes],
    expiresAt: key.expiresAt,
  };
}

/** Those of a row's scopes that this version knows. */
export function grantedScopes(names: readonly string[]): Scope[] {
  return everyScope.filter((scope) => names.includes(scope));
}
