import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg';
import type { DatabaseAddress } from '../../application/ports/server-address';
import { withSchemaEngine } from './schema-engine';

const noFilters = { externalTables: [], externalEnums: [] };

/**
 * Applies the migrations that the database does not have yet and records them in
 * `_prisma_migrations`, as `prisma migrate deploy` does. Several may run at once: the engine takes
 * an advisory lock, and the later ones find nothing to do.
 * @returns the names of the migrations it applied
 */
export async function migrate(database: DatabaseAddress): Promise<readonly string[]> {
  const migrationsList = await readMigrations();
  const output = await withSchemaEngine(database, (engine) =>
    engine.applyMigrations({ migrationsList, filters: noFilters }),
  );
  return output.appliedMigrationNames;
}

/**
 * Compares the database that the migrations build (in a shadow database, dropped again) with
 * schema.prisma.
 * @returns the SQL that would take the first to the second; empty when they agree
 */
export async function schemaDrift(database: DatabaseAddress): Promise<string> {
  const path = join(prismaFolder(), 'schema.prisma');
  const from = { tag: 'migrations' as const, ...(await readMigrations()) };
  const content = await readFile(path, 'utf8');
  const to = { tag: 'schemaDatamodel' as const, files: [{ path, content }] };
  const result = await withSchemaEngine(database, (engine) =>
    engine.diff({ from, to, script: true, exitCode: true, filters: noFilters }),
  );
  return result.exitCode === 0 ? '' : (result.stdout ?? 'the schemas differ');
}

/** The names of the migrations that this program knows, in their order. */
export async function migrationNames(): Promise<readonly string[]> {
  return namesIn(join(prismaFolder(), 'migrations'));
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

async function readMigrations(): Promise<MigrationList> {
  const baseDir = join(prismaFolder(), 'migrations');
  const names = await namesIn(baseDir);
  return {
    baseDir,
    lockfile: {
      path: 'migration_lock.toml',
      content: await readFile(join(baseDir, 'migration_lock.toml'), 'utf8'),
    },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.map(async (name) => ({
        path: name,
        migrationFile: {
          path: 'migration.sql',
          content: {
            tag: 'ok' as const,
            value: await readFile(join(baseDir, name, 'migration.sql'), 'utf8'),
          },
        },
      })),
    ),
  };
}

/** The folder with schema.prisma: this file runs from the sources and from the compiled tree. */
function prismaFolder(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, 'prisma');
    if (existsSync(join(candidate, 'schema.prisma'))) return candidate;
  }
  throw new Error('prisma/schema.prisma was not found above the program');
}
