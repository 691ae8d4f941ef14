import type { ApiKeyRegister, RegisteredKey } from '../../application/ports/api-key-register';
import type { PrismaClient } from '../../generated/prisma/client';
import { grantedScopes, newKeyRow, newSecret } from './api-keys';
import { available } from './availability';

/** The register of merchants and keys for those who operate the service. */
export function createApiKeyRegister(prisma: PrismaClient): ApiKeyRegister {
  return {
    findMerchant: (id) =>
      available('look up a merchant', () =>
        prisma.merchant.findUnique({ where: { id }, select: { id: true, name: true } }),
      ),
    addMerchant: (merchant) =>
      available('add a merchant', async () => {
        await prisma.merchant.createMany({ data: [{ ...merchant }], skipDuplicates: true });
      }),
    list: (merchantId) =>
      available('list API keys', async () => {
        const where = merchantId === null ? {} : { merchantId };
        const rows = await prisma.apiKey.findMany({ where, orderBy: { createdAt: 'asc' } });
        return rows.map(fromDbKey);
      }),
    find: (id) =>
      available('look up an API key', async () => {
        const row = await prisma.apiKey.findUnique({ where: { id } });
        return row === null ? null : fromDbKey(row);
      }),
    add: (key) =>
      available('add an API key', async () => {
        const secret = newSecret();
        const { id } = await prisma.apiKey.create({ data: newKeyRow(key, secret) });
        return { id, secret };
      }),
    replace: (id, by) => available('replace an API key', () => replace(prisma, { id, ...by })),
    revoke: (id, at) =>
      available('revoke an API key', async () => {
        await prisma.apiKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: at } });
      }),
  };
}

async function replace(
  prisma: PrismaClient,
  given: { readonly id: string } & Parameters<ApiKeyRegister['replace']>[1],
) {
  const secret = newSecret();
  const row = newKeyRow(given.key, secret);
  const isReplaced = await prisma.$transaction(async (transaction) => {
    await transaction.apiKey.create({ data: row });
    // Whoever rotates the same key at the same time waits here, and then finds it replaced.
    const { count } = await transaction.apiKey.updateMany({
      where: { id: given.id, replacedBy: null, revokedAt: null },
      data: { replacedBy: row.id, expiresAt: given.endsAt },
    });
    if (count === 0) await transaction.apiKey.delete({ where: { id: row.id } });
    return count === 1;
  });
  return isReplaced ? { id: row.id, secret } : null;
}

function fromDbKey(row: Omit<RegisteredKey, 'scopes'> & { readonly scopes: string[] }) {
  const { id, merchantId, lastFour, createdAt, expiresAt, revokedAt, replacedBy } = row;
  const scopes = grantedScopes(row.scopes);
  return { id, merchantId, scopes, lastFour, createdAt, expiresAt, revokedAt, replacedBy };
}
