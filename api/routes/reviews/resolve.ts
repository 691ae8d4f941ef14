import { resolveRequestSchema } from '../../../contracts/schemas/payment-request';
import { jsonOf } from '../../routing/request-body';
import { operatorRoute } from './operator-route';

export const resolvePayment = operatorRoute({
  verb: 'resolve',
  operationId: 'resolvePayment',
  summary: 'End a parked payment that was settled by hand',
  description:
    "Moves no money and goes by the provider's own figures: money that was kept makes it " +
    '`succeeded`, money that went back `failed`. While money is held, or the intent can still be ' +
    'charged, it stays parked.',
  body: jsonOf(resolveRequestSchema),
});
