/** Metadata keys that begin so are ours; the API refuses them from merchants. */
export const RESERVED_METADATA_PREFIX = 'paysaga_';
export const PAYMENT_ID_KEY = 'paysaga_payment_id';
export const REFUND_ID_KEY = 'paysaga_refund_id';
