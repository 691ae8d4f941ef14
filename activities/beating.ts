import { heartbeat } from '@temporalio/activity';

// A payment that goes well is done before the first beat, which would be a call for nothing; the
// heartbeat timeout in workflows/steps.ts leaves room for three.
const heartbeatEveryMs = 3_000;

/** Beats while the step runs, so that the step of a killed worker is taken over in seconds. */
export function beating<Input, Output>(run: (input: Input) => Promise<Output>) {
  return async (input: Input): Promise<Output> => {
    const timer = setInterval(() => heartbeat(), heartbeatEveryMs);
    try {
      return await run(input);
    } finally {
      clearInterval(timer);
    }
  };
}
