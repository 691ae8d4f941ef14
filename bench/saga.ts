import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { processPaymentWorkflowId } from '../contracts/workflow-names';
import { ALL_PARTS } from '../dev/stack/parts';
import { startPrivateService } from '../dev/stack/private-service';
import type { PrivateService } from '../dev/stack/private-service';
import { exitCodeOf, firstSignal } from '../dev/stack/signals';
import { Stack } from '../dev/stack/stack';
import { startBareSaga } from './bare-saga';
import { inParallel, percentile, postPayment, witnessSuccesses } from './load';
import type { Witness } from './load';

const rounds = 3;
const perRound = 200;
const atOnce = 16;
const paced = { count: 200, perSecond: 10 };
const deadlineMs = 120_000;

/**
 * `npm run bench:saga`: payments a second through the whole service beside bare workflows of one
 * regular and one local activity, taken in turns on the same servers in one run; then the latency
 * of a steady trickle, from POST to the event on a queue. The ratio is the claim; the rest depends
 * on the machine.
 */
async function main(): Promise<number> {
  const signal = firstSignal();
  const stack = await Stack.prepare({
    name: `bench-${process.pid}`,
    parts: ALL_PARTS,
    persist: false,
    say: (line) => console.log(line),
  });
  const run = bench(stack).catch((error: unknown) => {
    console.error(`paysaga: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  });
  const code = await Promise.race([run, signal.then(exitCodeOf)]);
  await stack.stop();
  return code;
}

async function bench(stack: Stack): Promise<number> {
  const service = await startPrivateService(stack, { LOG_LEVEL: 'warn' });
  const witness = await witnessSuccesses(service.addresses.RABBITMQ_URL);
  await compareThroughput(service, witness);
  await measureLatency(service, witness);
  await countCost(service, witness);
  await witness.close();
  return 0;
}

async function compareThroughput(service: PrivateService, witness: Witness): Promise<void> {
  const bare = await startBareSaga(service.addresses.TEMPORAL_ADDRESS);
  const bareRates: number[] = [];
  const pipelineRates: number[] = [];
  // One unmeasured round each, so that neither pays for cold code.
  for (let round = 0; round <= rounds; round += 1) {
    const bareRate = await rateOf(() => inParallel({ count: perRound, atOnce }, () => bare.run()));
    const pipelineRate = await rateOf(() => drive(service, witness));
    if (round === 0) continue;
    bareRates.push(bareRate);
    pipelineRates.push(pipelineRate);
    console.log(
      `round ${round}: bare ${bareRate.toFixed(1)}/s, pipeline ${pipelineRate.toFixed(1)}/s`,
    );
  }
  await bare.close();
  const ratios = pipelineRates.map((rate, index) => rate / (bareRates[index] ?? Number.NaN));
  console.log(
    `pipeline / bare workflow: ${percentile(ratios, 0.5).toFixed(2)} (median of ${rounds})`,
  );
}

async function drive({ addresses }: PrivateService, witness: Witness): Promise<void> {
  const before = witness.seenAt.size;
  const load = { apiUrl: addresses.API_URL, apiKey: addresses.API_KEY };
  await inParallel({ count: perRound, atOnce }, () => postPayment(load));
  await witness.untilSeen(before + perRound, deadlineMs);
}

async function rateOf(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return (perRound * 1_000) / (performance.now() - from);
}

async function measureLatency({ addresses }: PrivateService, witness: Witness): Promise<void> {
  const before = witness.seenAt.size;
  const load = { apiUrl: addresses.API_URL, apiKey: addresses.API_KEY };
  const sent: Promise<readonly [string, number]>[] = [];
  for (let index = 0; index < paced.count; index += 1) {
    const from = performance.now();
    sent.push(postPayment(load).then((id) => [id, from] as const));
    await delay(1_000 / paced.perSecond);
  }
  const posted = await Promise.all(sent);
  await witness.untilSeen(before + paced.count, deadlineMs);
  const latencies = posted.map(([id, from]) => (witness.seenAt.get(id) ?? Number.NaN) - from);
  const shown = [0.5, 0.99].map(
    (share) => `p${share * 100} ${percentile(latencies, share).toFixed(0)} ms`,
  );
  console.log(`POST to payment.succeeded.v1 at ${paced.perSecond}/s: ${shown.join(', ')}`);
}

async function countCost({ addresses }: PrivateService, witness: Witness): Promise<void> {
  const paymentId = [...witness.seenAt.keys()].at(-1) ?? '';
  const connection = await Connection.connect({ address: addresses.TEMPORAL_ADDRESS });
  const handle = new Client({ connection }).workflow.getHandle(processPaymentWorkflowId(paymentId));
  const { historyLength } = await handle.describe();
  await connection.close();
  const query = new URLSearchParams({ 'metadata[paysaga_payment_id]': paymentId }).toString();
  const log = await fetch(`${addresses.STRIPE_API_URL}/_sandbox/requests?${query}`);
  const { count } = (await log.json()) as { count: number };
  console.log(`per succeeded payment: ${historyLength} history events, ${count} Stripe calls`);
}

main()
  .then((code) => process.exit(code))
  .catch((error: unknown) => {
    console.error(`paysaga: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  });
