import { createAuditReader } from '../adapters/postgres/audit-reader';
import { createDatabase } from '../adapters/postgres/client';
import { createStripeListing } from '../adapters/stripe/stripe-listing';
import { createStripeProvider } from '../adapters/stripe/stripe-provider';
import { createLogger } from '../adapters/system/logger';
import { scrub } from '../adapters/system/scrub';
import { audit } from '../application/audit';
import type { PaymentFinding } from '../application/audit';
import { loadAuditConfig } from '../config';

const poolSize = 2;
/** A page of payments with all that is kept of them. */
const statementTimeoutMs = 60_000;

/**
 * `npm run audit`: holds every payment to the rules that must never break, in the database and at the
 * provider, and prints each finding. Reads only. Exit code 0: nothing found, 1: something was, 2: the
 * audit was not finished.
 */
async function main(args: readonly string[]): Promise<number> {
  if (args.length > 0) throw new Error('npm run audit takes no arguments');
  const config = loadAuditConfig(process.env);
  const database = createDatabase({
    ...config.database,
    poolSize,
    statementTimeoutMs,
    applicationName: 'paysaga-audit',
    log: createLogger({ service: 'audit', level: 'warn', pretty: false }),
  });
  try {
    const { payments, intents, findings } = await audit({
      reader: createAuditReader(database.prisma),
      provider: createStripeProvider(config.stripe),
      listing: createStripeListing(config.stripe),
      onFinding: sayFinding,
    });
    say(`${payments} payments, ${intents} intents of the provider: ${findings} findings`);
    return findings === 0 ? 0 : 1;
  } finally {
    await database.close();
  }
}

function sayFinding({ rule, paymentId, problem, evidence }: PaymentFinding): void {
  say(`${rule} ${paymentId} ${problem}: ${JSON.stringify(evidence)}`);
}

function say(line: string): void {
  process.stdout.write(`${scrub(line)}\n`);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${scrub(error instanceof Error ? error.message : String(error))}\n`);
    process.exit(2);
  },
);
