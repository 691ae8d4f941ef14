import { programFolder } from './folders';
import { findProgram, installPackages } from './installer';
import type { Part, PartContext } from './part';
import { postgresPart } from './postgres';
import { findRabbitmq, rabbitmqPart } from './rabbitmq';
import { redisPart } from './redis';
import { temporalPart } from './temporal';
import { temporalCli } from './temporal-programs';

export type PartName = 'postgres' | 'rabbitmq' | 'redis' | 'temporal';

export const ALL_PARTS: readonly PartName[] = ['postgres', 'rabbitmq', 'redis', 'temporal'];

export const PORT_NAMES = [
  'postgres',
  'amqp',
  'amqpManagement',
  'amqpDistribution',
  'epmd',
  'redis',
  'temporal',
  'temporalUi',
  'api',
  'outbox',
  'commands',
  'sandbox',
] as const;

export type StackPorts = Readonly<Record<(typeof PORT_NAMES)[number], number>>;

export interface PartsRequest {
  readonly parts: readonly PartName[];
  readonly ports: StackPorts;
  readonly namespaces: readonly string[];
}

/**
 * Finds, or installs, the program of every part before any is started, so that what is missing is
 * installed in one go and a part that cannot be had stops nothing half-way.
 * @throws naming the missing part, what was tried, and how to get it
 */
export async function buildParts(context: PartContext, request: PartsRequest): Promise<Part[]> {
  const { parts, ports, namespaces } = request;
  installMissing(parts, context.say);
  const built: Part[] = [];
  for (const name of parts) {
    switch (name) {
      case 'postgres':
        built.push(postgresPart(context, { port: ports.postgres }));
        break;
      case 'rabbitmq':
        built.push(rabbitmqPart(context, { program: installed(findRabbitmq(), name), ports }));
        break;
      case 'redis': {
        const program = installed(findProgram('redis-server'), name);
        built.push(redisPart(context, { program, port: ports.redis }));
        break;
      }
      case 'temporal': {
        const program = await temporalCli({ folder: programFolder(), say: context.say });
        built.push(temporalPart(context, { program, ports, namespaces }));
        break;
      }
    }
  }
  return built;
}

function installMissing(parts: readonly PartName[], say: (line: string) => void): void {
  const apt: string[] = [];
  const brew: string[] = [];
  if (parts.includes('rabbitmq') && findRabbitmq() === undefined) {
    apt.push('rabbitmq-server');
    brew.push('rabbitmq');
  }
  if (parts.includes('redis') && findProgram('redis-server') === undefined) {
    apt.push('redis-server');
    brew.push('redis');
  }
  const instead =
    '(npm start only) name a running server in the environment: RABBITMQ_URL, REDIS_URL';
  if (apt.length > 0) installPackages({ apt, brew, services: apt, instead }, say);
}

function installed(program: string | undefined, name: PartName): string {
  if (program !== undefined) return program;
  throw new Error(`${name} was installed, yet its server program is in none of the usual places`);
}
