import { RequestRefused } from '../../../application/errors';
import { apiTimelineSchema } from '../../../contracts/schemas/api-timeline';
import { callerOf } from '../../middleware/request-context';
import { json } from '../../routing/answer';
import { route } from '../../routing/route';
import { paymentIdInPath } from './payment-id';

export const readTimeline = route({
  method: 'get',
  path: '/v1/payments/{id}/timeline',
  operationId: 'readTimeline',
  tag: 'payments',
  summary: 'What happened to a payment, and what is safe to do now',
  description:
    'Everything that is stored of it, oldest first: status changes and their events, requests to ' +
    'the provider, undos, refunds, disputes, the books, webhooks, and what operators did.',
  scope: 'read',
  params: paymentIdInPath,
  answers: { 200: json('The timeline.', apiTimelineSchema) },
  handle:
    (deps) =>
    async ({ params }, response) => {
      const { merchantId } = callerOf(response);
      const timeline = await deps.readTimeline({ merchantId, paymentId: params.id });
      if (timeline === null) throw new RequestRefused('payment_not_found');
      response.json(timeline);
    },
});
