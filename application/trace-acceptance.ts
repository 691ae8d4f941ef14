import type { AcceptPayment } from './accept-payment';
import type { Tracing } from './ports/tracing';

/** Accepts in a span of its own, whose traceparent goes into the payment's row and its messages. */
export function traceAcceptance(accept: AcceptPayment, tracing: Tracing | null): AcceptPayment {
  if (tracing === null) return accept;
  return (command) => {
    const plan = { name: 'accept payment', kind: 'internal', parent: command.traceparent } as const;
    return tracing.inSpan(plan, async (span) => {
      const result = await accept({ ...command, traceparent: span.traceparent });
      const paymentId = result.answer.headers['Location']?.split('/').at(-1);
      span.set({
        'paysaga.replayed': result.replayed,
        ...(paymentId === undefined ? {} : { 'paysaga.payment_id': paymentId }),
      });
      return result;
    });
  };
}
