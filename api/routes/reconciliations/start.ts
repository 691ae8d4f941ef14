import {
  apiReconciliationSchema,
  reconciliationRequestSchema,
} from '../../../contracts/schemas/api-reconciliation';
import { json } from '../../routing/answer';
import { jsonOf } from '../../routing/request-body';
import { route } from '../../routing/route';
import { toApiReconciliation } from './run-view';

export const startReconciliation = route({
  method: 'post',
  path: '/v1/reconciliations',
  operationId: 'startReconciliation',
  tag: 'operations',
  summary: 'Compare the records of a time with the provider, and correct ours',
  description:
    'Goes on after the answer; read the run to see how far it is. Takes no Idempotency-Key: a second ' +
    'run of the same time finds what the first has left, and moves no money either.',
  scope: 'operate',
  body: jsonOf(reconciliationRequestSchema),
  answers: { 202: json('The run that was started.', apiReconciliationSchema) },
  handle: (deps) => async (given, response) => {
    const run = await deps.startReconciliation(given.body);
    response.status(202).json(toApiReconciliation(run));
  },
});
