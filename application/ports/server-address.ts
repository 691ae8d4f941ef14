/**
 * How a connection proves whom it talks to, as PEM texts. `ca` replaces the certificate authorities
 * that the machine trusts; `cert` and `key` go together and are for servers that ask who connects.
 */
export interface ClientTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** PostgreSQL: `postgresql://user:password@host:port/database` */
export interface DatabaseAddress {
  readonly databaseUrl: string;
  readonly tls?: ClientTls | undefined;
}

/** RabbitMQ, `amqp://` or `amqps://`, and Redis, `redis://` or `rediss://`. */
export interface ServerAddress {
  readonly url: string;
  /** Only for the address with the s. */
  readonly tls?: ClientTls | undefined;
}
