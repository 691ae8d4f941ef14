import { Client } from 'pg';

const CONNECT_TIMEOUT_MS = 5000;

/** @returns the same server's address of another database */
export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

/** One statement on a connection of its own. */
export async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // Without a listener, a server that goes away between statements would end this process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** Makes the database that the address names where there is none yet. */
export async function ensureDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  const admin = withDatabase(url, 'postgres');
  const found = await query(admin, `SELECT 1 FROM pg_database WHERE datname = '${name}'`);
  if (found.length === 0) await createDatabase({ url });
}

/** @param options.template a database nobody is connected to, copied with all it holds */
export async function createDatabase(options: { url: string; template?: string }): Promise<void> {
  const name = new URL(options.url).pathname.slice(1);
  const template = options.template === undefined ? '' : ` TEMPLATE "${options.template}"`;
  await query(withDatabase(options.url, 'postgres'), `CREATE DATABASE "${name}"${template}`);
}

/** Drops a database together with the connections that are still open to it. */
export async function dropDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  const admin = withDatabase(url, 'postgres');
  await query(admin, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
}
