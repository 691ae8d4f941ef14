import type { Part, PartContext } from './part';
import { type ManagedProcess, type ProcessSpec, untilHealthy } from './processes';

export interface ServerDefinition {
  readonly spec: ProcessSpec;
  readonly env: Readonly<Record<string, string>>;
  readonly check: () => Promise<unknown>;
  readonly deadlineMs: number;
}

/** A part that is one process with one health check. */
export function serverPart(context: PartContext, definition: ServerDefinition): Part {
  let running: ManagedProcess | undefined;
  return {
    name: definition.spec.name,
    env: definition.env,
    async start() {
      if (running?.isRunning()) return;
      running = context.processes.spawn(definition.spec);
      await untilHealthy(running, definition);
    },
    async stop() {
      await running?.stop();
    },
    async discard() {
      await running?.stop();
    },
    async kill() {
      await running?.kill();
    },
  };
}

/**
 * The environment that a vendor's server gets: enough to find its programs, and nothing that could
 * steer it (PGDATA, RABBITMQ_*, TEMPORAL_*) from the user's own shell.
 */
export function bareEnvironment(home: string): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: home, LANG: 'C.UTF-8' };
}
