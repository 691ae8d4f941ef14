import { Client } from 'pg';
import type { QueryResult, QueryResultRow } from 'pg';
import type { Log } from '../../application/ports/log';
import type { DatabaseAddress } from '../../application/ports/server-address';
import { connectionOptions } from './connection-options';

export interface OutboxConnectionOptions extends DatabaseAddress {
  readonly applicationName: string;
  readonly log: Log;
  readonly queryTimeoutMs?: number;
  /** Runs on each new connection, LISTEN for example. */
  readonly onConnect?: (client: Client) => Promise<void>;
  readonly onLost?: () => void;
}

const goodbyeMs = 2_000;

/**
 * One dedicated connection, opened on first use and again after a failure. Dedicated, because
 * LISTEN belongs to a session, and because a mark must not queue behind somebody's long read.
 */
export class OutboxConnection {
  private current: Promise<Client> | undefined;
  private openClient: Client | undefined;
  private latestClient: Client | undefined;
  private closed = false;

  constructor(private readonly options: OutboxConnectionOptions) {}

  /** @throws when Postgres gives no answer in time; the next call connects anew */
  async query<Row extends QueryResultRow>(
    text: string,
    values: unknown[],
  ): Promise<QueryResult<Row>> {
    const client = await this.connected();
    try {
      return await client.query<Row>(text, values);
    } catch (error) {
      // After a timeout the answer may still come and be taken for the next query's.
      if (!isSqlError(error)) this.drop(client);
      throw error;
    }
  }

  /** Opens the connection if it is not open. @throws when Postgres is out of reach */
  async connected(): Promise<Client> {
    if (this.closed) throw new Error('the connection was closed by this process');
    const opening = (this.current ??= this.open());
    try {
      return await opening;
    } catch (error) {
      // By the time this one has failed, another may have been begun.
      if (this.current === opening) this.current = undefined;
      throw error;
    }
  }

  /** Takes 2 s at most, whatever Postgres does. */
  async close(): Promise<void> {
    this.closed = true;
    this.current = undefined;
    // Told to end while it connects, the library would never settle the attempt.
    if (this.openClient === undefined) this.latestClient?.connection.stream.destroy();
    else await end(this.openClient);
  }

  private async open(): Promise<Client> {
    const timeoutMs = this.options.queryTimeoutMs ?? 5_000;
    const client = new Client({
      ...connectionOptions(this.options),
      application_name: this.options.applicationName,
      connectionTimeoutMillis: 5_000,
      statement_timeout: timeoutMs,
      // Past the server's own limit, so that it speaks first unless it is frozen.
      query_timeout: timeoutMs + 1_000,
      keepAlive: true,
    });
    // Without a listener, an idle connection that dies would end the process.
    client.on('error', (error) => {
      this.options.log.warn({ reason: error.message }, 'database connection lost');
      this.drop(client);
    });
    client.on('end', () => this.drop(client));
    this.latestClient = client;
    try {
      await client.connect();
      await this.options.onConnect?.(client);
    } catch (error) {
      void end(client);
      throw error;
    }
    // Only now: a client that never connected has nothing to lose, and nobody to tell.
    this.openClient = client;
    return client;
  }

  private drop(client: Client): void {
    if (this.openClient !== client) return;
    this.openClient = undefined;
    this.current = undefined;
    void end(client);
    this.options.onLost?.();
  }
}

/** A frozen server never answers the goodbye, and its socket would keep the process alive. */
async function end(client: Client): Promise<void> {
  const giveUp = setTimeout(() => client.connection.stream.destroy(), goodbyeMs).unref();
  await client.end().catch(() => undefined);
  clearTimeout(giveUp);
}

/** The server answered with an error of its own, and the connection is still good. */
function isSqlError(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return false;
  return error.severity === 'ERROR';
}
