import type { z } from 'zod';
import { ConfigError } from './environment';
import { databaseTls, pemTexts, rabbitTls, redisTls, temporalTls, tlsProblems } from './tls';
import { processVariables, rabbitVariables, redisVariables, temporalVariables } from './variables';

/** The variables of each server: its address, and whom it must prove to be. */
export const databaseServer = { DATABASE_URL: processVariables.DATABASE_URL, ...databaseTls };
export const rabbitServer = { ...rabbitVariables, ...rabbitTls };
export const redisServer = { ...redisVariables, ...redisTls };
export const temporalServer = { ...temporalVariables, ...temporalTls };

type Values<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;

export function databaseAddress(values: Pick<Values<typeof databaseServer>, 'DATABASE_URL'>) {
  return { databaseUrl: values.DATABASE_URL, ...tlsOf('DATABASE', values) };
}

export function rabbitAddress(values: Pick<Values<typeof rabbitServer>, 'RABBITMQ_URL'>) {
  return { url: values.RABBITMQ_URL, ...tlsOf('RABBITMQ', values) };
}

export function redisAddress(values: Pick<Values<typeof redisServer>, 'REDIS_URL'>) {
  return { url: values.REDIS_URL, ...tlsOf('REDIS', values) };
}

/** An API key alone means TLS too: it must not travel in clear text. */
export function temporalAddress(values: Values<typeof temporalServer>) {
  const { TEMPORAL_API_KEY: apiKey } = values;
  const tls = pemTexts('TEMPORAL', values);
  const isEncrypted = values.TEMPORAL_TLS || tls !== undefined || apiKey !== undefined;
  return {
    address: values.TEMPORAL_ADDRESS,
    namespace: values.TEMPORAL_NAMESPACE,
    ...(isEncrypted ? { tls: tls ?? {} } : {}),
    ...(apiKey === undefined ? {} : { apiKey }),
  };
}

function tlsOf(part: 'DATABASE' | 'RABBITMQ' | 'REDIS', values: Readonly<Record<string, unknown>>) {
  const tls = pemTexts(part, values);
  return tls === undefined ? {} : { tls };
}

/** @throws ConfigError when certificates and addresses contradict each other */
export function refuseContradictions(values: Readonly<Record<string, unknown>>): void {
  const problems = tlsProblems(values);
  if (problems.length > 0) throw new ConfigError(problems);
}
