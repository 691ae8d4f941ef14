import { z } from 'zod';
import { json } from '../../routing/answer';
import { route } from '../../routing/route';

/** The process turns. It asks no other part: restarting this one would not mend it. */
export const livez = route({
  method: 'get',
  path: '/livez',
  operationId: 'livez',
  tag: 'operations',
  summary: 'Whether the process turns',
  scope: null,
  // Whoever restarts this process by it must always get an answer.
  isUnlimited: true,
  answers: { 200: json('It does.', z.strictObject({ status: z.literal('alive') })) },
  handle: () => (_given, response) => {
    response.json({ status: 'alive' });
  },
});
