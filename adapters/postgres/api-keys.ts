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
        const granted = everyScope.filter((scope) => row.scopes.includes(scope));
        return {
          id: row.id,
          merchantId: row.merchantId,
          scopes: granted,
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
  // 32 random bytes: nothing to guess, so a plain SHA-256 is enough and can be looked up by index.
  const secret = key.secret ?? `psk_${randomBytes(32).toString('base64url')}`;
  const keySha256 = createHash('sha256').update(secret).digest('hex');
  const row = {
    id: `key_${keySha256.slice(0, 24)}`,
    merchantId: key.merchantId,
    keySha256,
    lastFour: secret.slice(-4),
    scopes: [...key.scopes],
    expiresAt: key.expiresAt ?? null,
  };
  await prisma.apiKey.createMany({ data: [row], skipDuplicates: true });
  return { secret };
}
