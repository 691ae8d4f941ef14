// Everything by which a person points paysaga, or a client library below it, at a server. Tests
// must not find any of it: they would write into somebody's database or charge somebody's account.
const OURS =
  /^(DATABASE|RABBITMQ|REDIS|TEMPORAL|STRIPE|API|SAGA|SWEEP|WORKER|WORKFLOW|RELAY|COMMAND|ENABLE|IDEMPOTENCY|CRASH|SHUTDOWN|LOG|OTEL|PG)(_|[A-Z]*$)/;

/**
 * @param inherited the environment of whoever started the command
 * @param own the addresses of the private stack
 * @returns what a test run sees: the first without anything of ours, then the second
 */
export function isolatedEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const neutral = Object.entries(inherited).flatMap(([name, value]) =>
    value === undefined || OURS.test(name) ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(neutral), ...own };
}
