import { z } from 'zod';
import type { ApiReconciliationList } from '../../../contracts/api-reconciliation';
import { apiReconciliationListSchema } from '../../../contracts/schemas/api-reconciliation';
import { orNull, pageLimit } from '../../parsing/query';
import { json } from '../../routing/answer';
import { route } from '../../routing/route';
import { toApiReconciliation } from './run-view';

const query = z.strictObject({
  limit: pageLimit,
  starting_after: orNull(
    z.string('must be one run id').regex(/^rec_[0-9a-f]{32}$/, 'must be one run id'),
  ).meta({ description: 'The last id of the page before.' }),
});

export const listReconciliations = route({
  method: 'get',
  path: '/v1/reconciliations',
  operationId: 'listReconciliations',
  tag: 'operations',
  summary: 'List reconciliations with the provider, newest first',
  scope: 'operate',
  query,
  answers: { 200: json('One page.', apiReconciliationListSchema) },
  handle:
    ({ reconciliations }) =>
    async (given, response) => {
      const { limit, starting_after: startingAfter } = given.query;
      const page = await reconciliations.list({ limit, startingAfter });
      const body: ApiReconciliationList = {
        object: 'list',
        data: page.entries.map(toApiReconciliation),
        has_more: page.hasMore,
      };
      response.json(body);
    },
});
