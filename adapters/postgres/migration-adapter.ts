import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import type {
  SqlMigrationAwareDriverAdapterFactory,
  SqlQuery,
  SqlResultSet,
} from '@prisma/driver-adapter-utils';
import { Pool } from 'pg';
import type { PoolConfig, QueryArrayResult } from 'pg';

type PgAdapter = Awaited<ReturnType<PrismaPg['connect']>>;

// Postgres's internal "char", in which the catalog keeps one-letter codes, and plain text.
const internalCharOid = 18;
const textOid = 25;

export interface MigrationAdapter {
  readonly factory: SqlMigrationAwareDriverAdapterFactory;
  /** Closes what the engine leaves open; its advisory lock ends with the session that took it. */
  close(): Promise<void>;
}

/**
 * Prisma's Postgres adapter as the schema engine needs it. On its own the adapter splits scripts
 * at every semicolon, which cuts function bodies in two; it refuses the type "char", which the
 * engine reads from the catalog; and it drops a shadow database while still connected to it.
 *
 * @param options must name the database apart from a connection string, which would win over the
 *   shadow database's name and make the engine work on the real one
 */
export function migrationAdapter(options: PoolConfig): MigrationAdapter {
  // One connection: the engine's advisory lock belongs to the session that took it.
  const poolConfig: PoolConfig = { ...options, max: 1 };
  const opened: PgAdapter[] = [];
  const remember = (adapter: PgAdapter): PgAdapter => {
    opened.push(adapter);
    return adapter;
  };
  return {
    factory: {
      provider: 'postgres',
      adapterName: '@prisma/adapter-pg',
      connect: async () => remember(await connect(poolConfig)),
      connectToShadowDb: async () => remember(await connectToShadow(poolConfig)),
    },
    async close() {
      await Promise.all(opened.map((adapter) => adapter.dispose()));
    },
  };
}

async function connect(poolConfig: PoolConfig): Promise<PgAdapter> {
  const pool = new Pool(poolConfig);
  const charColumns = readInternalCharAsText(pool);
  const adapter = await new PrismaPg(pool).connect();
  const queryRaw = adapter.queryRaw.bind(adapter);
  return Object.assign(adapter, {
    async executeScript(script: string): Promise<void> {
      await pool.query(script);
    },
    async queryRaw(query: SqlQuery): Promise<SqlResultSet> {
      const result = await queryRaw(query);
      for (const column of charColumns.get(result.rows) ?? []) {
        result.columnTypes[column] = ColumnTypeEnum.Character;
      }
      return result;
    },
    dispose: once(() => pool.end()),
  });
}

/** The engine may close an adapter before we do; ending a pool twice throws. */
function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => (closing ??= close());
}

/** Relabels "char" columns as text for the adapter, and remembers which they were, by result. */
function readInternalCharAsText(pool: Pool): WeakMap<object, number[]> {
  const charColumns = new WeakMap<object, number[]>();
  const query = pool.query.bind(pool) as (input: unknown) => Promise<QueryArrayResult>;
  const relabelled = async (input: unknown): Promise<QueryArrayResult> => {
    const result = await query(input);
    // A script of several statements answers with a list of results, none of which is read.
    if (Array.isArray(result)) return result;
    const columns = result.fields.flatMap((field, index) =>
      field.dataTypeID === internalCharOid ? [index] : [],
    );
    for (const column of columns)
      Object.assign(result.fields[column] ?? {}, { dataTypeID: textOid });
    charColumns.set(result.rows, columns);
    return result;
  };
  Object.assign(pool, { query: relabelled });
  return charColumns;
}

async function connectToShadow(poolConfig: PoolConfig): Promise<PgAdapter> {
  const database = `paysaga_shadow_${globalThis.crypto.randomUUID().replaceAll('-', '')}`;
  const admin = new Pool(poolConfig);
  await admin.query(`CREATE DATABASE "${database}"`);
  const shadow = await connect({ ...poolConfig, database });
  const closeShadow = shadow.dispose.bind(shadow);
  return Object.assign(shadow, {
    dispose: once(async () => {
      await closeShadow();
      await admin.query(`DROP DATABASE "${database}"`);
      await admin.end();
    }),
  });
}
