import { RequestRefused } from '../../../application/errors';
import { apiReconciliationSchema } from '../../../contracts/schemas/api-reconciliation';
import { json } from '../../routing/answer';
import { route } from '../../routing/route';
import { runIdInPath } from './run-id';
import { toApiReconciliation } from './run-view';

export const readReconciliation = route({
  method: 'get',
  path: '/v1/reconciliations/{id}',
  operationId: 'readReconciliation',
  tag: 'operations',
  summary: 'Read a reconciliation with what it counted',
  scope: 'operate',
  params: runIdInPath,
  answers: { 200: json('The run.', apiReconciliationSchema) },
  handle:
    ({ reconciliations }) =>
    async ({ params }, response) => {
      const run = await reconciliations.find(params.id);
      if (run === null) throw new RequestRefused('reconciliation_not_found');
      response.json(toApiReconciliation(run));
    },
});
