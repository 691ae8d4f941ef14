import { allAsExpected, renderTable, renderTimeline } from './demo/report';
import type { ScenarioResult } from './demo/report';
import { afterScenarios } from './demo/after-scenarios';
import { lastScenario, lifeScenarios } from './demo/life-scenarios';
import { chargeScenarios } from './demo/scenarios';
import type { Levers, Scenario } from './demo/scenarios';
import { DemoWorld } from './demo/world';
import { choosePorts } from './stack/ports';
import { ALL_PARTS } from './stack/parts';
import { startPrivateService } from './stack/private-service';
import type { PrivateService } from './stack/private-service';
import { exitCodeOf, firstSignal } from './stack/signals';
import { Stack } from './stack/stack';

/** `npm run demo`: real payments through a private stack while things break; 0 if all is as expected. */
async function main(): Promise<number> {
  const signal = firstSignal();
  const from = Date.now();
  const stack = await Stack.prepare({
    name: `demo-${process.pid}`,
    parts: ALL_PARTS,
    persist: false,
    say: (line) => console.log(line),
  });
  const run = runDemo(stack, from).catch((error: unknown) => {
    console.error(`paysaga: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  });
  const code = await Promise.race([run, signal.then(exitCodeOf)]);
  console.log('stopping');
  await stack.stop();
  return code;
}

async function runDemo(stack: Stack, from: number): Promise<number> {
  const service = await startPrivateService(stack, {
    // A killed worker's activity is repeated after this long; production waits 45 s.
    STRIPE_TIMEOUT_MS: '1500',
    SAGA_AUTHORIZE_TIMEOUT_MS: '6500',
    SAGA_RETRY_INITIAL_MS: '200',
    // Whoever abandons a challenge is waited for this long; production waits an hour.
    SAGA_ACTION_DEADLINE_MS: '6000',
    // What came too early, a webhook say, is looked at again after this long; else after half a minute.
    SWEEP_INTERVAL_MS: '3000',
    SWEEP_PENDING_AFTER_MS: '12000',
  });
  console.log(`ready after ${((Date.now() - from) / 1_000).toFixed(1)} s\n`);
  const world = new DemoWorld(service.addresses);
  try {
    return await runScenarios(world, leversOf(stack, service));
  } finally {
    await world.close();
  }
}

const scenarios = [...chargeScenarios, ...lifeScenarios, ...afterScenarios, lastScenario];

async function runScenarios(world: DemoWorld, levers: Levers): Promise<number> {
  const results: ScenarioResult[] = [];
  for (const [index, scenario] of scenarios.entries()) {
    console.log(`${index + 1}. ${scenario.title}`);
    results.push(await runScenario(scenario, { world, levers }));
  }
  console.log(`\n${renderTable(results).join('\n')}`);
  return allAsExpected(results) ? 0 : 1;
}

async function runScenario(
  scenario: Scenario,
  { world, levers }: { world: DemoWorld; levers: Levers },
): Promise<ScenarioResult> {
  const { title, expected } = scenario;
  const from = Date.now();
  try {
    const { seen, payments } = await scenario.run(world, levers);
    const tookMs = Date.now() - from;
    for (const paymentId of payments) {
      const lines = renderTimeline(await world.timeline(paymentId));
      console.log([`  ${paymentId}`, ...lines].join('\n'));
    }
    return { title, expected, seen, tookMs };
  } catch (error) {
    return { title, expected, seen: `gave up: ${String(error)}`, tookMs: Date.now() - from };
  }
}

function leversOf(stack: Stack, { plan, running }: PrivateService): Levers {
  return {
    async restartCommandWorker(env) {
      await running.commands.stop();
      const options = { ...plan.commands, env: { ...plan.commands.env, ...env } };
      running.commands = await stack.startService(options);
    },
    async commandWorkerEnded() {
      const { code, signal } = await running.commands.exited;
      return signal ?? `exit ${code}`;
    },
    stopBroker: () => stack.part('rabbitmq').stop(),
    startBroker: () => stack.part('rabbitmq').start(),
    async startSynchronousApi() {
      const { synchronous: port } = await choosePorts(['synchronous']);
      const url = `http://127.0.0.1:${port}`;
      const env = { ...plan.api.env, API_PORT: String(port), ENABLE_ASYNC_COMMANDS: 'false' };
      await stack.startService({
        ...plan.api,
        name: 'api-synchronous',
        env,
        readyUrl: `${url}/readyz`,
      });
      return url;
    },
  };
}

main()
  .then((code) => process.exit(code))
  .catch((error: unknown) => {
    console.error(`paysaga: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  });
