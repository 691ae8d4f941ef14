import { consume } from '../adapters/rabbitmq/consumer';
import type { Consumer } from '../adapters/rabbitmq/consumer';
import { assertTopology } from '../adapters/rabbitmq/topology';
import { traceHandler } from '../adapters/tracing/traced-messages';
import type { Log } from '../application/ports/log';
import type { Tracing } from '../application/ports/tracing';
import type { CommandWorkerConfig } from '../config';
import { queues } from '../contracts/topology';
import type { createCommandHandler } from './process-command';

/** Consumes the queue of commands, each connection declaring the topology first. */
export function consumeCommands(
  config: CommandWorkerConfig,
  given: {
    readonly onMessage: ReturnType<typeof createCommandHandler>;
    readonly log: Log;
    readonly tracing: Tracing | null;
  },
): Consumer {
  const { onMessage, log, tracing } = given;
  const queue = queues.processCommands;
  return consume({
    ...config.broker,
    name: 'command-worker',
    queue,
    prefetch: config.COMMAND_PREFETCH,
    prepare: assertTopology,
    onMessage: traceHandler(onMessage, { tracing, queue }),
    log,
  });
}
