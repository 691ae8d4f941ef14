import type { z } from 'zod';
import type { FeatureFlags } from '../contracts/flags';
import type { flagVariables } from './variables';

/** The flags by the names that the rest of the program uses. */
export function featureFlags(values: z.output<z.ZodObject<typeof flagVariables>>): FeatureFlags {
  return {
    asyncCommands: values.ENABLE_ASYNC_COMMANDS,
    outboxPattern: values.ENABLE_OUTBOX_PATTERN,
    retryLogic: values.ENABLE_RETRY_LOGIC,
    compensation: values.ENABLE_COMPENSATION,
  };
}
