import { inspectDatabase } from '../../adapters/postgres/inspection';
import type { DatabaseInspection } from '../../adapters/postgres/inspection';
import { Fault } from '../../application/diagnosis';
import type { Check } from '../../application/diagnosis';
import { judgeClock } from './clock';

/** The connection, the migrations and the clock of PostgreSQL, over one connection. */
export function postgresChecks(options: Parameters<typeof inspectDatabase>[0]): Check[] {
  let inspection: DatabaseInspection | undefined;
  const opened = () => {
    if (inspection === undefined) throw new Error('not connected');
    return inspection;
  };
  return [
    {
      name: 'postgres',
      advice: 'is it running, and does DATABASE_URL name it? try psql with the same address',
      run: async () => {
        inspection = await inspectDatabase(options).catch(recognised);
        return `${inspection.product} answers`;
      },
    },
    {
      name: 'migrations',
      needs: 'postgres',
      advice: 'the user of DATABASE_URL must be able to read the tables of its database',
      run: () => migrations(opened()),
    },
    {
      name: 'postgres clock',
      needs: 'postgres',
      advice: 'repeat; the server answered before',
      run: async () => judgeClock(await opened().clockOffsetMs(), 'PostgreSQL'),
    },
  ];
}

// SQLSTATE of the refusals that a wrong address meets (source: PostgreSQL, appendix A).
const refusals: Readonly<Record<string, string>> = {
  '28P01': 'the password in DATABASE_URL is not that of its user',
  '28000': 'pg_hba.conf does not let this user in from here, or wants TLS',
  '3D000': 'create the database that DATABASE_URL names, then npm run migrate',
  '53300': 'raise max_connections, or lower DATABASE_POOL_SIZE of the processes',
  '57P03': 'it is starting or stopping; repeat in a moment',
};

function recognised(error: unknown): never {
  const code: unknown = Reflect.get(Object(error), 'code');
  const advice = typeof code === 'string' ? refusals[code] : undefined;
  if (advice === undefined) throw error;
  throw new Fault(error instanceof Error ? error.message : String(code), advice);
}

async function migrations(inspection: DatabaseInspection): Promise<string> {
  const { applied, missing, failed, unknown } = await inspection.migrations();
  if (failed.length > 0) {
    throw new Fault(
      `did not finish: ${failed.join(', ')}`,
      'mend what its row in _prisma_migrations says in "logs", set rolled_back_at = now() on that ' +
        'row, then npm run migrate',
    );
  }
  if (missing.length > 0) {
    throw new Fault(`not applied: ${missing.join(', ')}`, 'npm run migrate');
  }
  if (unknown.length > 0) {
    throw new Fault(
      `unknown to this release: ${unknown.join(', ')}`,
      'run a release that is at least as new as the database',
    );
  }
  return `${applied} applied, none missing`;
}
