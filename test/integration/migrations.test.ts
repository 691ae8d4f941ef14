import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { createDatabase } from '../../adapters/postgres/client';
import { migrate, schemaDrift } from '../../adapters/postgres/migrate';
import { query } from '../../dev/stack/database';
import { createEmptyDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { silentLog } from '../support/silent-log';

const folder = path.join(__dirname, '../../prisma/migrations');
const names = readdirSync(folder).filter((name) => !name.endsWith('.toml'));

let database: TestDatabase & { readonly sql: Client };
beforeAll(async () => {
  const empty = await createEmptyDatabase();
  const sql = new Client({ connectionString: empty.url });
  await sql.connect();
  database = { ...empty, sql };
});
afterAll(async () => {
  await database.sql.end();
  await database.drop();
});

async function insertPayment(id: string): Promise<void> {
  await database.sql.query(
    `INSERT INTO merchants (id, name) VALUES ('mer_m', 'M') ON CONFLICT DO NOTHING`,
  );
  await database.sql.query(
    `INSERT INTO payments (id, merchant_id, status, version, amount_minor, currency,
       payment_method, flags) VALUES ($1, 'mer_m', 'pending', 1, 100, 'EUR', 'pm_x', '{}')`,
    [id],
  );
}

async function insertDeadEvent(aggregateId: string): Promise<string> {
  const { rows } = await database.sql.query(
    `INSERT INTO outbox_events (id, aggregate_id, aggregate_version, type, exchange, routing_key,
       payload, attempts, last_error, next_attempt_at, dead_at)
     VALUES (gen_random_uuid(), $1, 1, 't', 'e', 'r', '{}', 5, 'refused', now(), now())
     RETURNING id`,
    [aggregateId],
  );
  return rows[0].id;
}

describe('migrations', () => {
  it('are applied once by four migrators at once', async () => {
    const databaseUrl = database.url;
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate({ databaseUrl })));
    expect(applied.flat()).toEqual(names);
  });

  it('are recorded as prisma migrate deploy records them', async () => {
    const { rows } = await database.sql.query(
      'SELECT * FROM _prisma_migrations ORDER BY migration_name',
    );
    expect(rows).toHaveLength(names.length);
    for (const [index, row] of rows.entries()) {
      const script = readFileSync(path.join(folder, names[index]!, 'migration.sql'));
      expect(row.migration_name).toBe(names[index]);
      expect(row.checksum).toBe(createHash('sha256').update(script).digest('hex'));
      expect(row.finished_at).not.toBeNull();
      expect(row.applied_steps_count).toBe(1);
    }
  });

  it('build the schema that schema.prisma describes', async () => {
    await expect(schemaDrift({ databaseUrl: database.url })).resolves.toBe('');
  });

  it('leave no shadow database behind', async () => {
    const { rows } = await database.sql.query(
      `SELECT datname FROM pg_database WHERE datname LIKE 'paysaga_shadow_%'`,
    );
    expect(rows).toEqual([]);
  });

  it('leave a database alone that has other tables', async () => {
    const other = await createEmptyDatabase();
    try {
      await query(other.url, 'CREATE TABLE merchants (id integer)');
      await expect(migrate({ databaseUrl: other.url })).rejects.toThrow('not empty');
    } finally {
      await other.drop();
    }
  });
});

describe('the two statements operators use', () => {
  it('show what is unpublished', async () => {
    const id = await insertDeadEvent('pay_a');
    const { rows } = await database.sql.query(
      'SELECT * FROM outbox_events WHERE published_at IS NULL;',
    );
    expect(rows.map((row) => row.id)).toContain(id);
  });

  it('make a dead row due again by setting its attempts to zero, and nothing else', async () => {
    const id = await insertDeadEvent('pay_b');
    await database.sql.query(`UPDATE outbox_events SET attempts = 0 WHERE id = '${id}';`);
    const { rows } = await database.sql.query('SELECT * FROM outbox_events WHERE id = $1', [id]);
    expect(rows[0]).toMatchObject({ attempts: 0, dead_at: null, next_attempt_at: null });
  });
});

describe('the history of a payment', () => {
  const insert = `INSERT INTO payment_transitions (payment_id, version, to_status, event_id,
    event_type, event_data) VALUES ($1, 1, 'pending', gen_random_uuid(), 't', '{}')`;

  it('cannot be rewritten or deleted', async () => {
    await insertPayment('pay_h');
    await database.sql.query(insert, ['pay_h']);
    const change = `UPDATE payment_transitions SET to_status = 'succeeded' WHERE payment_id = 'pay_h'`;
    await expect(database.sql.query(change)).rejects.toThrow('append-only');
    const remove = `DELETE FROM payment_transitions WHERE payment_id = 'pay_h'`;
    await expect(database.sql.query(remove)).rejects.toThrow('append-only');
  });

  it('takes the note that its event was published', async () => {
    await insertPayment('pay_p');
    await database.sql.query(insert, ['pay_p']);
    const { rowCount } = await database.sql.query(
      `UPDATE payment_transitions SET published_at = now() WHERE payment_id = 'pay_p'`,
    );
    expect(rowCount).toBe(1);
  });
});

describe('a database in another time zone', () => {
  it('stores and reads the same instants', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await database.sql.query(`ALTER DATABASE "${name}" SET TimeZone = 'Asia/Tokyo'`);
    const databaseUrl = database.url;
    const own = createDatabase({
      databaseUrl,
      poolSize: 1,
      applicationName: 'zone',
      log: silentLog,
    });
    const instant = new Date('2026-11-23T12:00:00.123Z');
    await own.prisma.merchant.create({ data: { id: 'mer_z', name: 'Z', createdAt: instant } });
    const read = await own.prisma.merchant.findUniqueOrThrow({ where: { id: 'mer_z' } });
    const stored = await database.sql.query(`SELECT created_at FROM merchants WHERE id = 'mer_z'`);
    await own.close();
    expect(read.createdAt).toEqual(instant);
    expect(stored.rows[0].created_at).toEqual(instant);
  });
});
