import { z } from 'zod';

const certificate = z
  .string()
  .regex(/-----BEGIN CERTIFICATE-----/, 'must be a certificate in PEM')
  .optional();
const privateKey = z
  .string()
  .regex(/-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/, 'must be a private key in PEM')
  .optional();

/** Mostly set as NAME_FILE: DATABASE_CA_FILE is the path of the certificate. */
export const databaseTls = {
  DATABASE_CA: certificate,
  DATABASE_CERT: certificate,
  DATABASE_KEY: privateKey,
};
export const rabbitTls = {
  RABBITMQ_CA: certificate,
  RABBITMQ_CERT: certificate,
  RABBITMQ_KEY: privateKey,
};
export const redisTls = { REDIS_CA: certificate, REDIS_CERT: certificate, REDIS_KEY: privateKey };
export const temporalTls = {
  TEMPORAL_TLS: z
    .enum(['true', 'false'], 'must be true or false')
    .default('false')
    .transform((text) => text === 'true'),
  TEMPORAL_CA: certificate,
  TEMPORAL_CERT: certificate,
  TEMPORAL_KEY: privateKey,
  TEMPORAL_API_KEY: z.string().min(1).optional(),
};

type Values = Readonly<Record<string, unknown>>;
type Part = 'DATABASE' | 'RABBITMQ' | 'REDIS' | 'TEMPORAL';

export interface PemTexts {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** The certificates of one part, or undefined when none is set. */
export function pemTexts(part: Part, values: Values): PemTexts | undefined {
  const found = (['ca', 'cert', 'key'] as const).flatMap((kind) => {
    const text = values[`${part}_${kind.toUpperCase()}`];
    return typeof text === 'string' ? [[kind, text] as const] : [];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** What contradicts among the certificates and the addresses they are for, one line each. */
export function tlsProblems(values: Values): string[] {
  const parts: Part[] = ['DATABASE', 'RABBITMQ', 'REDIS', 'TEMPORAL'];
  return [
    ...parts.flatMap((part) => halfPair(part, values)),
    ...plainScheme('RABBITMQ', values, 'amqps://'),
    ...plainScheme('REDIS', values, 'rediss://'),
    ...weakMode(values),
  ];
}

function halfPair(part: Part, values: Values): string[] {
  const { cert, key } = pemTexts(part, values) ?? {};
  if ((cert === undefined) === (key === undefined)) return [];
  const missing = cert === undefined ? `${part}_CERT` : `${part}_KEY`;
  return [`${missing}: a client certificate and its key go together`];
}

/** Without it the certificates would be read, and the connection made in clear text. */
function plainScheme(part: Part, values: Values, scheme: string): string[] {
  const url = values[`${part}_URL`];
  if (pemTexts(part, values) === undefined || typeof url !== 'string') return [];
  return url.startsWith(scheme)
    ? []
    : [`${part}_URL: must start with ${scheme}, because certificates are set for it`];
}

function weakMode(values: Values): string[] {
  const url = values['DATABASE_URL'];
  if (pemTexts('DATABASE', values) === undefined || typeof url !== 'string') return [];
  const mode = /[?&]sslmode=(disable|no-verify)\b/.exec(url)?.[1];
  return mode === undefined
    ? []
    : [`DATABASE_URL: sslmode=${mode} contradicts the certificates that are set for it`];
}
