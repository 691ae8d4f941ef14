import { compiled } from './folders';
import { logTail, type ProcessTable } from './processes';

/** Runs `npm run migrate`'s program on one database. @throws with its output when it fails */
export async function migrateDatabase(processes: ProcessTable, databaseUrl: string): Promise<void> {
  const migration = processes.spawn({
    name: 'migrate',
    command: process.execPath,
    args: [compiled('prisma/migrate.js')],
    env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: databaseUrl },
  });
  const { code } = await migration.exited;
  await migration.stop();
  if (code !== 0) throw new Error(`the database was not migrated:\n${logTail(migration.logFile)}`);
}
