export { janitor } from './janitor';
export { outboxRelay } from './outbox-relay';
export { applyProviderFact } from './apply-provider-fact';
export { catchUpEvents } from './catch-up-events';
export { processPayment } from './process-payment';
export { reviewPayment } from './review-payment';
export { refundPayment } from './refund-payment';
export { sweepPayments } from './sweep-payments';
