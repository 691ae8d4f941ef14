import { Client, Connection } from '@temporalio/client';
import type { Tracing } from '../../application/ports/tracing';
import { temporalConnection } from './connection';
import type { TemporalAddress } from './connection';
import { sendTraceparent } from './trace-headers';

export interface TemporalClient {
  readonly client: Client;
  close(): Promise<void>;
}

/** A client that connects on first use, so that a process starts while Temporal is away. */
export function createTemporalClient(
  address: TemporalAddress,
  tracing: Tracing | null = null,
): TemporalClient {
  const connection = Connection.lazy({ ...temporalConnection(address), connectTimeout: '5s' });
  return {
    client: new Client({
      connection,
      namespace: address.namespace,
      ...(tracing === null ? {} : { interceptors: { workflow: [sendTraceparent(tracing)] } }),
    }),
    close: () => connection.close(),
  };
}
