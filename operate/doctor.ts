import { scrub } from '../adapters/system/scrub';
import { diagnose } from '../application/diagnosis';
import type { Check, Finding } from '../application/diagnosis';
import { ConfigError, loadDoctorConfig } from '../config';
import type { DoctorConfig } from '../config';
import { flagChecks } from './checks/flags';
import { postgresChecks } from './checks/postgres';
import { rabbitmqChecks } from './checks/rabbitmq';
import { redisChecks } from './checks/redis';
import { stripeChecks } from './checks/stripe';
import { temporalChecks } from './checks/temporal';

/** Past the limits of the single connections, so that those speak first. */
const limitMs = 8_000;

/**
 * `npm run doctor`: looks at everything the processes need, changes nothing, and prints a line for
 * each: what was found, and for a problem what to do about it. Exit code 0: no problem.
 */
async function main(): Promise<number> {
  const findings = await diagnose(allChecks(loadDoctorConfig(process.env)), { limitMs });
  for (const finding of findings) say(finding);
  return findings.some((finding) => finding.state === 'problem') ? 1 : 0;
}

function allChecks(config: DoctorConfig): Check[] {
  return [
    ...postgresChecks(config.database),
    ...rabbitmqChecks(config.broker),
    ...redisChecks(config.redis),
    ...temporalChecks(config.temporal),
    ...stripeChecks({
      apiKey: config.STRIPE_API_KEY,
      apiUrl: config.STRIPE_API_URL,
      webhookSecret: config.STRIPE_WEBHOOK_SECRET,
    }),
    ...flagChecks(config.flags),
  ];
}

function say({ state, name, text, advice }: Finding): void {
  const what = `${state.padEnd(7)}  ${name}: ${text}`;
  const line = advice === null ? what : `${what} -> ${advice}`;
  // One line each, whatever a server puts into its refusal; and never what it quotes of a secret.
  process.stdout.write(`${scrub(line.replaceAll(/\s*\n\s*/g, ' '))}\n`);
}

function explain(error: unknown): void {
  if (!(error instanceof ConfigError)) {
    process.stderr.write(`the doctor failed: ${scrub(String(error))}\n`);
    return;
  }
  const advice = '.env.example says what each variable is; nothing else was looked at';
  for (const text of error.problems) {
    say({ state: 'problem', name: 'settings', text, advice });
  }
}

main().then(
  // Connections that never answered would keep the process.
  (code) => process.exit(code),
  (error: unknown) => {
    explain(error);
    process.exit(1);
  },
);
