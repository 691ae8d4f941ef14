import type { ProviderCursors } from '../../application/ports/provider-cursors';
import type { Sql } from './client';
import { guarded } from './store-errors';

/** Cursors as times in one fixed format, so that texts compare as the times do. */
export function createProviderCursors(prisma: Sql): ProviderCursors {
  return {
    read: (name) =>
      guarded('read cursor', async () => {
        const [row] = await prisma.$queryRaw<{ value: string }[]>`
          SELECT value FROM provider_cursors WHERE name = ${name}::text`;
        return row === undefined ? null : new Date(row.value);
      }),
    advance: ({ name, to }) =>
      guarded('advance cursor', async () => {
        await prisma.$executeRaw`
          INSERT INTO provider_cursors (name, value) VALUES (${name}::text, ${to.toISOString()}::text)
          ON CONFLICT (name) DO UPDATE
            SET value = EXCLUDED.value, updated_at = clock_timestamp()
            WHERE provider_cursors.value < EXCLUDED.value`;
      }),
  };
}
