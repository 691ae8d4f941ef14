const pattern = /^pay_[0-9a-f]{32}$/;

/** Whether the text can be the id of a payment; what cannot is not looked up. */
export function isPaymentId(text: string): boolean {
  return pattern.test(text);
}
