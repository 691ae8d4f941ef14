import { migrate } from '../adapters/postgres/migrate';
import { ConfigError, loadDatabaseConfig } from '../config';

export { migrate };

/** `npm run migrate`: brings the database named by DATABASE_URL up to date. */
async function main(): Promise<number> {
  const applied = await migrate(loadDatabaseConfig(process.env).database);
  const names = applied.map((name) => `applied ${name}\n`).join('');
  process.stdout.write(names === '' ? 'nothing to migrate\n' : names);
  return 0;
}

function report(error: unknown): number {
  const text = error instanceof ConfigError ? error.message : `migration failed: ${String(error)}`;
  process.stderr.write(`${text}\n`);
  return 1;
}

async function run(): Promise<void> {
  process.exitCode = await main().catch(report);
}

if (require.main === module) void run();
