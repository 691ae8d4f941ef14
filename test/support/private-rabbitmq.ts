import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { CHILDREN } from '../../dev/ensure/stacks.cjs';
import type { Part } from '../../dev/stack/part';
import { choosePorts } from '../../dev/stack/ports';
import { ProcessTable } from '../../dev/stack/processes';
import { findRabbitmq, rabbitmqPart } from '../../dev/stack/rabbitmq';
import { fromStack, uniqueName } from './stack-environment';

/**
 * A broker that a test may restart without cutting the connections of other tests. Restart it by
 * `stop`, not by `kill`: RabbitMQ 3.10 writes the register of its quorum queues some seconds late,
 * and a queue younger than that is listed after a SIGKILL but confirms nothing ever again.
 */
export async function startPrivateRabbitmq(): Promise<Part & { readonly url: string }> {
  const folder = path.join(fromStack('TEST_STACK_FOLDER'), CHILDREN, uniqueName('rabbitmq'));
  mkdirSync(folder, { recursive: true });
  const program = findRabbitmq();
  if (program === undefined) throw new Error('RabbitMQ is not installed');
  const ports = await choosePorts(['amqp', 'amqpManagement', 'amqpDistribution', 'epmd']);
  const part = rabbitmqPart(
    { folder, processes: new ProcessTable(folder, true), persist: false, say: () => undefined },
    { program, ports },
  );
  await part.start();
  return { ...part, url: part.env['RABBITMQ_URL'] ?? '' };
}
