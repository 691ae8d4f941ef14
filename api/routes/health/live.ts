import type { RequestHandler } from 'express';

/** GET /livez: the process turns. It asks no other part: restarting this one would not mend it. */
export const livez: RequestHandler = (_request, response) => {
  response.json({ status: 'alive' });
};
