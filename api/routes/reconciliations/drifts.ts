import { z } from 'zod';
import { RequestRefused } from '../../../application/errors';
import type { ApiDriftList } from '../../../contracts/api-reconciliation';
import { apiDriftListSchema } from '../../../contracts/schemas/api-reconciliation';
import { callerOf } from '../../middleware/request-context';
import { orNull, pageLimit } from '../../parsing/query';
import { json } from '../../routing/answer';
import { route } from '../../routing/route';
import { runIdInPath } from './run-id';
import { toApiDrift } from './run-view';

const query = z.strictObject({
  limit: pageLimit,
  starting_after: orNull(
    z.string('must be one drift id').regex(/^drf_[0-9a-f]{32}$/, 'must be one drift id'),
  ).meta({ description: 'The last id of the page before.' }),
});

export const listDrifts = route({
  method: 'get',
  path: '/v1/reconciliations/{id}/drifts',
  operationId: 'listDrifts',
  tag: 'operations',
  summary: 'List the differences that a reconciliation found, with their evidence',
  description:
    "Those of the key's merchant. What belongs to no payment here is shown by `npm run reconcile`.",
  scope: 'operate',
  params: runIdInPath,
  query,
  answers: { 200: json('One page.', apiDriftListSchema) },
  handle:
    ({ reconciliations }) =>
    async ({ params, query: asked }, response) => {
      if ((await reconciliations.find(params.id)) === null) {
        throw new RequestRefused('reconciliation_not_found');
      }
      const page = await reconciliations.drifts({
        runId: params.id,
        merchantId: callerOf(response).merchantId,
        limit: asked.limit,
        startingAfter: asked.starting_after,
      });
      const body: ApiDriftList = {
        object: 'list',
        data: page.entries.map(toApiDrift),
        has_more: page.hasMore,
      };
      response.json(body);
    },
});
