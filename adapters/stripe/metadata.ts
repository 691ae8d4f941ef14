/** The API refuses metadata keys of merchants that begin with `paysaga_`. */
export const PAYMENT_ID_KEY = 'paysaga_payment_id';
export const REFUND_ID_KEY = 'paysaga_refund_id';
