import { noFields } from '../../../contracts/schemas/payment-request';
import { optionalJsonOf } from '../../routing/request-body';
import { operatorRoute } from './operator-route';

export const retryCompensation = operatorRoute({
  verb: 'retry_compensation',
  operationId: 'retryCompensation',
  summary: 'Run the undo of a parked payment again',
  description:
    'Cancels what is held and refunds what was captured. The payment ends once nothing is left at ' +
    'the provider, and stays parked while that cannot be had. Needs a new key for each attempt.',
  body: optionalJsonOf(noFields),
});
