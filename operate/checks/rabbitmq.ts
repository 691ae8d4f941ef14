import { inspectBroker } from '../../adapters/rabbitmq/inspection';
import type { BrokerInspection, QueueState } from '../../adapters/rabbitmq/inspection';
import { Fault } from '../../application/diagnosis';
import type { Check } from '../../application/diagnosis';
import { queues } from '../../contracts/topology';

/** The connection to RabbitMQ and the queues, over one connection. */
export function rabbitmqChecks(options: Parameters<typeof inspectBroker>[0]): Check[] {
  let inspection: BrokerInspection | undefined;
  return [
    {
      name: 'rabbitmq',
      advice:
        'is it running, and does RABBITMQ_URL name it, a user of it and a virtual host that ' +
        'user may enter? rabbitmqctl list_permissions',
      run: async () => {
        inspection = await inspectBroker(options);
        return `${inspection.product} answers`;
      },
    },
    {
      name: 'queues',
      needs: 'rabbitmq',
      advice: 'repeat; the broker answered before',
      run: () => topology(inspection),
    },
  ];
}

async function topology(inspection: BrokerInspection | undefined): Promise<string> {
  if (inspection === undefined) throw new Error('not connected');
  const { queues: states, faults } = await inspection.topology();
  if (faults.length > 0) throw new Fault(faults.join('; '), adviceFor(faults));
  const commands = states.find((state) => state.name === queues.processCommands);
  if (commands !== undefined && commands.messages > 0 && commands.consumers === 0) {
    throw new Fault(
      `${commands.messages} command(s) wait in ${commands.name} and nobody takes them`,
      'start the command worker, or look why it is not ready: its /readyz says',
    );
  }
  return `all there; ${states.map(describe).join(', ')}`;
}

function describe({ name, messages, consumers }: QueueState): string {
  const takers = name === queues.processCommands ? ` (${consumers} consumer(s))` : '';
  return `${name} holds ${messages}${takers}`;
}

function adviceFor(faults: readonly string[]): string {
  return faults.some((fault) => fault.includes('declared differently'))
    ? 'empty and delete what was declared differently, then restart a worker: it declares it anew'
    : 'start or restart a worker: it declares what is missing';
}
