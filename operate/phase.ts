import { createDatabase } from '../adapters/postgres/client';
import { paymentsInFlight } from '../adapters/postgres/payments-in-flight';
import type { PaymentsInFlight } from '../adapters/postgres/payments-in-flight';
import { inspectBroker } from '../adapters/rabbitmq/inspection';
import type { QueueState } from '../adapters/rabbitmq/inspection';
import { scrub } from '../adapters/system/scrub';
import { withinLimit } from '../application/diagnosis';
import type { DatabaseAddress, ServerAddress } from '../application/ports/server-address';
import { ConfigError, loadPhaseConfig } from '../config';
import { phaseTitles, readPhase } from '../config/phases';
import type { FeatureFlags } from '../contracts/flags';
import { queues } from '../contracts/topology';

const lookLimitMs = 5_000;

/**
 * `npm run phase`: the migration phase of the settings in the environment, what in them contradicts,
 * and what still runs by the settings of another phase. With --check the exit code tells: 0 for a
 * phase, 1 for a contradiction, 2 where it could not be told because a server was not looked at.
 */
async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== '--check');
  if (unknown !== undefined) {
    say(`unknown option ${unknown}; npm run phase -- [--check]`);
    return 2;
  }
  const config = loadPhaseConfig(process.env);
  const reading = readPhase(config.flags);
  say(reading.phase === null ? 'no phase' : phaseTitles[reading.phase]);
  for (const line of reading.contradictions) say(`contradiction: ${line}`);
  if (reading.remedy !== null) say(`remedy: ${reading.remedy}`);
  const looks = [await sayCommandQueue(config), await sayInFlight(config.database)];
  const hasLooked = looks.some((look) => look !== 'no address') && !looks.includes('no answer');
  if (!hasLooked) say('not checked: what runs could not be looked at');
  if (!args.includes('--check')) return 0;
  if (reading.phase === null || looks.includes('contradicts')) return 1;
  return hasLooked ? 0 : 2;
}

/** What came of looking at a server. */
type Look = 'fits' | 'contradicts' | 'no answer' | 'no address';

/** It contradicts when commands are sent that nobody would take. */
async function sayCommandQueue(config: ReturnType<typeof loadPhaseConfig>): Promise<Look> {
  if (config.broker === null) {
    say('phase 2: not looked at, RABBITMQ_URL is not set');
    return 'no address';
  }
  const state = await commandQueue(config.broker).catch(asText);
  if (typeof state === 'string') {
    say(`phase 2: not looked at, the broker does not answer (${state})`);
    return 'no answer';
  }
  const consumers = state?.consumers ?? 0;
  const missing = state === undefined ? 'does not exist' : 'has no consumer';
  if (consumers > 0) {
    say(`phase 2: in place, ${queues.processCommands} has ${consumers} consumer(s)`);
    return 'fits';
  }
  const isNeeded = config.flags.asyncCommands;
  say(
    `${isNeeded ? 'contradiction' : 'phase 2'}: ${queues.processCommands} ${missing}: start the command worker`,
  );
  return isNeeded ? 'contradicts' : 'fits';
}

async function commandQueue(address: ServerAddress): Promise<QueueState | undefined> {
  const broker = await inspectBroker(address);
  try {
    const report = await withinLimit(lookLimitMs, broker.topology());
    return report.queues.find((queue) => queue.name === queues.processCommands);
  } finally {
    await broker.close();
  }
}

async function sayInFlight(address: DatabaseAddress | null): Promise<Look> {
  if (address === null) {
    say('in flight: not looked at, DATABASE_URL is not set');
    return 'no address';
  }
  const quiet = () => undefined;
  const database = createDatabase({
    ...address,
    poolSize: 1,
    applicationName: 'paysaga-phase',
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
  try {
    const groups = await paymentsInFlight(database.prisma);
    if (groups.length === 0) say('in flight: nothing');
    for (const group of groups) say(inFlightLine(group));
    return 'fits';
  } catch (error) {
    say(`in flight: not looked at, the database does not answer (${asText(error)})`);
    return 'no answer';
  } finally {
    await database.close();
  }
}

function inFlightLine({ flags, count, oldestAcceptedAt }: PaymentsInFlight): string {
  return `in flight: ${count} accepted ${describe(flags)}, the oldest ${oldestAcceptedAt.toISOString()}`;
}

function describe(flags: FeatureFlags): string {
  const { phase } = readPhase(flags);
  if (phase === null) return 'by contradicting flags';
  return phase === 'before' ? 'before phase 0' : `in phase ${phase}`;
}

function asText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function say(line: string): void {
  process.stdout.write(`${scrub(line)}\n`);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `${scrub(error instanceof ConfigError ? error.message : asText(error))}\n`,
    );
    process.exit(1);
  },
);
