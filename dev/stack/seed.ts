import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';

const MERCHANT_ID = 'mer_development';
const SCOPES = ['read', 'write', 'refund', 'operate'];
const CONNECT_TIMEOUT_MS = 5000;

/**
 * The development API key of one data folder, made once, so that a script holding it goes on
 * working after a restart.
 */
export function developmentKey(folder: string): string {
  return madeOnce(
    path.join(folder, 'api-key'),
    () => `psk_${randomBytes(24).toString('base64url')}`,
  );
}

/** The secret by which the sandbox of one data folder signs its webhooks; made once as well. */
export function developmentWebhookSecret(folder: string): string {
  return madeOnce(
    path.join(folder, 'webhook-secret'),
    () => `whsec_${randomBytes(24).toString('hex')}`,
  );
}

function madeOnce(file: string, make: () => string): string {
  if (!existsSync(file)) writeFileSync(file, make(), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

/** Gives the development merchant this key with every scope; repeating it changes nothing. */
export async function seedDevelopmentMerchant(databaseUrl: string, key: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query(
      `INSERT INTO merchants (id, name) VALUES ($1, 'Development merchant') ON CONFLICT DO NOTHING`,
      [MERCHANT_ID],
    );
    await client.query(
      `INSERT INTO api_keys (id, merchant_id, key_sha256, last_four, scopes)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING`,
      // Named after the key: clones that share a database keep a key each.
      [`key_${sha256(key).slice(0, 16)}`, MERCHANT_ID, sha256(key), key.slice(-4), SCOPES],
    );
  });
}

/** Whether the database, one that we may only read, knows this key. */
export async function hasDevelopmentKey(databaseUrl: string, key: string): Promise<boolean> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query(`SELECT to_regclass('api_keys') IS NOT NULL AS migrated`);
    if (rows[0]?.migrated !== true) return false;
    const { rowCount } = await client.query('SELECT 1 FROM api_keys WHERE key_sha256 = $1', [
      sha256(key),
    ]);
    return rowCount === 1;
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
