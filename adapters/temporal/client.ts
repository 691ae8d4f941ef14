import { Client, Connection } from '@temporalio/client';
import type { Tracing } from '../../application/ports/tracing';
import { sendTraceparent } from './trace-headers';

export interface TemporalAddress {
  /** `host:port` */
  readonly address: string;
  readonly namespace: string;
}

export interface TemporalClient {
  readonly client: Client;
  close(): Promise<void>;
}

/** A client that connects on first use, so that a process starts while Temporal is away. */
export function createTemporalClient(
  { address, namespace }: TemporalAddress,
  tracing: Tracing | null = null,
): TemporalClient {
  const connection = Connection.lazy({ address, connectTimeout: '5s' });
  return {
    client: new Client({
      connection,
      namespace,
      ...(tracing === null ? {} : { interceptors: { workflow: [sendTraceparent(tracing)] } }),
    }),
    close: () => connection.close(),
  };
}
