import { inspectCache } from '../../adapters/redis/inspection';
import { Fault, NotApplicable } from '../../application/diagnosis';
import type { Check } from '../../application/diagnosis';
import type { ServerAddress } from '../../application/ports/server-address';

/** Redis; only the API needs it. */
export function redisChecks(address: ServerAddress | null): Check[] {
  return [
    {
      name: 'redis',
      advice:
        'is it running, and does REDIS_URL name it and its password? Until then replays are ' +
        'answered from PostgreSQL, slower',
      run: async () => {
        if (address === null) {
          throw new NotApplicable('REDIS_URL is not set here; the API needs it');
        }
        const { product, isReplica } = await inspectCache(address);
        if (!isReplica) return `${product} answers`;
        throw new Fault(
          `${product} is a replica and takes no writes`,
          'name its primary in REDIS_URL',
        );
      },
    },
  ];
}
