import { createApiKeyRegister } from '../adapters/postgres/api-key-register';
import { createDatabase } from '../adapters/postgres/client';
import { systemClock } from '../adapters/system/clock';
import { createLogger } from '../adapters/system/logger';
import { scrub } from '../adapters/system/scrub';
import { KeyRefused, orderKey, revokeKey, rotateKey } from '../application/api-key-administration';
import { ConfigError, loadDatabaseConfig } from '../config';
import { readKeyCommand, UsageError } from './keys/command';
import type { KeyCommand } from './keys/command';
import { keyTable, rotationText, untilText } from './keys/report';

/**
 * `npm run keys`: makes, lists, rotates and revokes API keys. A clear text goes to standard output
 * alone, and everything said about it to standard error, so that a script can take it. Exit code 0:
 * done, 1: refused or failed, 2: not understood.
 */
async function main(args: readonly string[]): Promise<void> {
  const command = readKeyCommand(args);
  const log = createLogger({ service: 'keys', level: 'warn', pretty: false });
  const database = createDatabase({
    ...loadDatabaseConfig(process.env).database,
    poolSize: 1,
    applicationName: 'paysaga-keys',
    log,
  });
  try {
    const deps = { keys: createApiKeyRegister(database.prisma), clock: systemClock };
    await run(command, deps);
  } finally {
    await database.close();
  }
}

type Deps = Parameters<typeof orderKey>[0];

async function run(command: KeyCommand, deps: Deps): Promise<void> {
  switch (command.name) {
    case 'create': {
      const made = await orderKey(deps, command.order);
      say(`${made.id} of ${command.order.merchantId}, ${untilText(made.expiresAt)}`);
      return give(made.secret);
    }
    case 'rotate': {
      const rotated = await rotateKey(deps, command.rotation);
      say(rotationText(rotated));
      return give(rotated.made.secret);
    }
    case 'revoke': {
      const { id, revokedAt } = await revokeKey(deps, command.keyId);
      say(`${id} is revoked since ${revokedAt?.toISOString()}, and refused everywhere within 5 s`);
      return;
    }
    case 'list': {
      const keys = await deps.keys.list(command.merchantId);
      process.stdout.write(keyTable(keys, deps.clock.now()));
    }
  }
}

function give(secret: string): void {
  process.stdout.write(`${secret}\n`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function explain(error: unknown): number {
  if (error instanceof UsageError) {
    say(error.message);
    return 2;
  }
  const isTelling = error instanceof KeyRefused || error instanceof ConfigError;
  say(scrub(isTelling ? error.message : `failed: ${String(error)}`));
  return 1;
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => process.exit(explain(error)),
);
