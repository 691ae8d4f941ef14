import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { CHILDREN } from '../../dev/ensure/stacks.cjs';
import { query } from '../../dev/stack/database';
import { findProgram } from '../../dev/stack/installer';
import type { Part, PartContext } from '../../dev/stack/part';
import { choosePorts } from '../../dev/stack/ports';
import { postgresPart } from '../../dev/stack/postgres';
import { ProcessTable } from '../../dev/stack/processes';
import type { ManagedProcess, ProcessSpec } from '../../dev/stack/processes';
import { findRabbitmq, rabbitmqPart } from '../../dev/stack/rabbitmq';
import { redisPart } from '../../dev/stack/redis';
import { createAuthority, readPair } from './certificates';
import type { Authority, CertificateFiles } from './certificates';
import { fromStack, uniqueName } from './stack-environment';

export interface TlsServers {
  /** Signed the servers' certificates, and signs those of the clients they let in. */
  readonly authority: Authority;
  readonly databaseUrl: string;
  readonly rabbitUrl: string;
  readonly redisUrl: string;
  readonly temporalAddress: string;
  readonly folder: string;
  close(): Promise<void>;
}

/**
 * Real PostgreSQL, RabbitMQ and Redis that take only encrypted connections by clients with a
 * certificate, and Temporal behind a proxy that does so for it: its development server has no TLS.
 */
export async function startTlsServers(): Promise<TlsServers> {
  const folder = path.join(fromStack('TEST_STACK_FOLDER'), CHILDREN, uniqueName('tls'));
  mkdirSync(folder, { recursive: true });
  const authority = createAuthority(path.join(folder, 'authority'));
  const own = authority.issue('server');
  const ports = await choosePorts([
    ...['postgres', 'redis', 'redisTls', 'amqpTls'],
    ...['amqp', 'amqpManagement', 'amqpDistribution', 'epmd'],
  ] as const);
  const processes = new EncryptedProcesses(folder, { authority, own, ports });
  const context: PartContext = { folder, processes, persist: false, say: () => undefined };
  const parts = [
    postgresPart(context, { port: ports.postgres }),
    rabbitmqPart(context, { program: found(findRabbitmq()), ports }),
    redisPart(context, { program: found(findProgram('redis-server')), port: ports.redis }),
  ];
  await Promise.all(parts.map((part) => part.start()));
  const databaseUrl = parts[0]?.env['DATABASE_URL'] ?? '';
  await onlyEncrypted(path.join(folder, 'postgres/data'), databaseUrl);
  const temporal = await startTlsProxy({ authority, own, target: fromStack('TEMPORAL_ADDRESS') });
  return {
    authority,
    databaseUrl,
    rabbitUrl: `amqps://guest:guest@127.0.0.1:${ports.amqpTls}`,
    redisUrl: `rediss://127.0.0.1:${ports.redisTls}`,
    temporalAddress: temporal.address,
    folder,
    close: async () => {
      await temporal.close();
      await Promise.all(parts.map((part: Part) => part.discard()));
    },
  };
}

function found(program: string | undefined): string {
  if (program === undefined) throw new Error('the server program is not installed');
  return program;
}

interface Encryption {
  readonly authority: Authority;
  readonly own: CertificateFiles;
  readonly ports: { readonly redisTls: number; readonly amqpTls: number };
}

/** Starts the parts of the private stack as they are, with an encrypted listener besides. */
class EncryptedProcesses extends ProcessTable {
  constructor(
    private readonly home: string,
    private readonly encryption: Encryption,
  ) {
    super(home, true);
  }

  override spawn(spec: ProcessSpec): ManagedProcess {
    switch (spec.name) {
      case 'postgres':
        return super.spawn({ ...spec, args: [...spec.args, ...this.postgresArguments()] });
      case 'redis':
        return super.spawn({ ...spec, args: [...spec.args, ...this.redisArguments()] });
      case 'rabbitmq':
        return super.spawn({
          ...spec,
          env: { ...spec.env, RABBITMQ_ADVANCED_CONFIG_FILE: this.rabbitmqConfig() },
        });
      default:
        return super.spawn(spec);
    }
  }

  private postgresArguments(): string[] {
    const { authority, own } = this.encryption;
    return [
      ...['-c', 'ssl=on', '-c', `ssl_cert_file=${own.cert}`],
      ...['-c', `ssl_key_file=${own.key}`, '-c', `ssl_ca_file=${authority.ca}`],
    ];
  }

  private redisArguments(): string[] {
    const { authority, own, ports } = this.encryption;
    return [
      ...['--tls-port', String(ports.redisTls), '--tls-auth-clients', 'yes'],
      ...['--tls-cert-file', own.cert, '--tls-key-file', own.key],
      ...['--tls-ca-cert-file', authority.ca],
    ];
  }

  private rabbitmqConfig(): string {
    const { authority, own, ports } = this.encryption;
    const file = path.join(this.home, 'advanced.config');
    writeFileSync(
      file,
      `[{rabbit, [{ssl_listeners, [{"127.0.0.1", ${ports.amqpTls}}]},
         {ssl_options, [{cacertfile, "${authority.ca}"}, {certfile, "${own.cert}"},
           {keyfile, "${own.key}"}, {verify, verify_peer}, {fail_if_no_peer_cert, true}]}]}].\n`,
    );
    return file;
  }
}

/** From here on this PostgreSQL refuses whoever comes in clear text or without a certificate. */
async function onlyEncrypted(data: string, databaseUrl: string): Promise<void> {
  const file = path.join(data, 'pg_hba.conf');
  const rule = 'hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\n';
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, rule);
  await query(databaseUrl, 'SELECT pg_reload_conf()').catch((error: unknown) => {
    writeFileSync(file, before);
    throw error;
  });
}

async function startTlsProxy(options: {
  readonly authority: Authority;
  readonly own: CertificateFiles;
  readonly target: string;
}) {
  const [host = '', port = ''] = options.target.split(':');
  const sockets = new Set<net.Socket>();
  const server = tls.createServer(
    {
      ...readPair(options.own),
      ca: readFileSync(options.authority.ca),
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: ['h2'],
    },
    (secured) => {
      const plain = net.connect({ host, port: Number(port) });
      for (const socket of [secured, plain]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          secured.destroy();
          plain.destroy();
          sockets.delete(socket);
        });
      }
      secured.pipe(plain).pipe(secured);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as net.AddressInfo;
  return {
    address: `127.0.0.1:${address.port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
