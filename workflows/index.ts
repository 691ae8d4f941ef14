export { processPayment } from './process-payment';
export { sweepPayments } from './sweep-payments';
