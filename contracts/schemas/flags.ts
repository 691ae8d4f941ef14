import { z } from 'zod';
import type { FeatureFlags } from '../flags';

export const featureFlagsSchema: z.ZodType<FeatureFlags> = z.object({
  asyncCommands: z.boolean(),
  outboxPattern: z.boolean(),
  retryLogic: z.boolean(),
  compensation: z.boolean(),
});
