import { Client, Connection } from '@temporalio/client';

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
export function createTemporalClient({ address, namespace }: TemporalAddress): TemporalClient {
  const connection = Connection.lazy({ address, connectTimeout: '5s' });
  return {
    client: new Client({ connection, namespace }),
    close: () => connection.close(),
  };
}
