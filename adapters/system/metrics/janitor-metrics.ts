import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';
import type { JanitorMetrics } from '../../../application/ports/metrics';
import { cleanedTables } from '../../../contracts/janitor';
import { startAtZero } from './start-at-zero';

/** Counts what the janitor deletes. */
export function createJanitorMetrics(registry: Registry): JanitorMetrics {
  const deleted = new Counter({
    name: 'paysaga_janitor_deleted_rows_total',
    help: 'Rows deleted because they had been kept long enough',
    labelNames: ['table'],
    registers: [registry],
  });
  startAtZero(
    deleted,
    cleanedTables.map((table) => ({ table })),
  );
  return { deleted: (table, rows) => deleted.inc({ table }, rows) };
}
