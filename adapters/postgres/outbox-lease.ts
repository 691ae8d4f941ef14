import type { Log } from '../../application/ports/log';
import type { DatabaseAddress } from '../../application/ports/server-address';
import type { Lease, LeaseRequest, LeaseStore } from '../../application/ports/outbox-store';
import { OutboxConnection } from './outbox-connection';

export interface PostgresLeaseStore extends LeaseStore {
  close(): Promise<void>;
}

/**
 * A lease row, not an advisory lock: that would stay with a frozen or partitioned owner for as long
 * as its TCP connection does.
 */
export function createLeaseStore(
  options: DatabaseAddress & { readonly log: Log },
): PostgresLeaseStore {
  const connection = new OutboxConnection({
    ...options,
    applicationName: 'paysaga-relay-lease',
    // An answer later than this comes after the next renewal was due.
    queryTimeoutMs: 1_500,
  });
  return {
    take: (request) => take(connection, request),
    renew: (request) => renew(connection, request),
    release: (request) => release(connection, request),
    close: () => connection.close(),
  };
}

const expiry = `clock_timestamp() + $3::float8 * interval '1 millisecond'`;

async function take(connection: OutboxConnection, request: LeaseRequest): Promise<Lease | null> {
  const { rows } = await connection.query<{ epoch: string }>(
    `INSERT INTO relay_leases AS lease (shard, owner, epoch, expires_at)
     VALUES ($1, $2, 1, ${expiry})
     ON CONFLICT (shard) DO UPDATE
        SET owner = $2, epoch = lease.epoch + 1, expires_at = ${expiry}
      WHERE lease.owner = $2 OR lease.expires_at <= clock_timestamp()
     RETURNING epoch::text AS epoch`,
    [request.shard, request.owner, request.leaseMs],
  );
  const epoch = rows[0]?.epoch;
  return epoch === undefined ? null : { shard: request.shard, epoch };
}

async function renew(
  connection: OutboxConnection,
  request: LeaseRequest & { readonly lease: Lease },
): Promise<boolean> {
  const { rowCount } = await connection.query(
    `UPDATE relay_leases SET expires_at = ${expiry}
      WHERE shard = $1 AND owner = $2 AND epoch = $4::bigint`,
    [request.shard, request.owner, request.leaseMs, request.lease.epoch],
  );
  return rowCount === 1;
}

async function release(
  connection: OutboxConnection,
  request: { readonly owner: string; readonly lease: Lease },
): Promise<void> {
  await connection.query(
    `UPDATE relay_leases SET expires_at = clock_timestamp()
      WHERE shard = $1 AND owner = $2 AND epoch = $3::bigint`,
    [request.lease.shard, request.owner, request.lease.epoch],
  );
}
