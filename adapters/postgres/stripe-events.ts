import type { ProviderEventStore } from '../../application/ports/provider-webhooks';
import type { PrismaClient } from '../../generated/prisma/client';
import { available } from './availability';

/** Keeps which webhooks arrived, without their payload. */
export function createProviderEventStore(prisma: PrismaClient): ProviderEventStore {
  return {
    add: (event) =>
      available('store a webhook', async () => {
        const added = await prisma.stripeEvent.createMany({
          data: [{ ...event }],
          skipDuplicates: true,
        });
        return added.count === 1;
      }),
  };
}
