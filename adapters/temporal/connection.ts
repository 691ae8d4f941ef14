import type { ClientTls } from '../../application/ports/server-address';

/** Where Temporal is, and how to prove to each other who is who. */
export interface TemporalAddress {
  /** `host:port` */
  readonly address: string;
  readonly namespace: string;
  /** PEM texts; an empty object encrypts and trusts the machine's certificate authorities. */
  readonly tls?: ClientTls | undefined;
  /** Sent with each call; encrypted connections only. */
  readonly apiKey?: string | undefined;
}

/** The options that the client's and the worker's connection share. */
export function temporalConnection({ address, tls, apiKey }: TemporalAddress) {
  return {
    address,
    ...(tls === undefined ? {} : { tls: certificates(tls) }),
    ...(apiKey === undefined ? {} : { apiKey }),
  };
}

function certificates({ ca, cert, key }: ClientTls) {
  return {
    ...(ca === undefined ? {} : { serverRootCACertificate: Buffer.from(ca) }),
    ...(cert === undefined || key === undefined
      ? {}
      : { clientCertPair: { crt: Buffer.from(cert), key: Buffer.from(key) } }),
  };
}
