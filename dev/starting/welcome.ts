/**
 * What `npm start` shows once everything is ready.
 * @param env the addresses, as stack:env prints them
 * @param docsUrl undefined where the API serves no docs
 */
export function welcome(
  env: Readonly<Record<string, string>>,
  docsUrl: string | undefined,
): string {
  const rows = [
    ['API', env['API_URL']],
    ['API docs', docsUrl],
    ['Temporal Web UI', env['TEMPORAL_UI_URL']],
    ['RabbitMQ UI', env['RABBITMQ_MANAGEMENT_URL']],
    ['Stripe', env['STRIPE_API_URL']],
    ['API key', env['API_KEY']],
  ].filter(([, value]) => value !== undefined);
  const width = Math.max(...rows.map(([label = '']) => label.length));
  const table = rows.map(([label = '', value = '']) => `  ${label.padEnd(width)}  ${value}`);
  return [
    '',
    'paysaga is ready.',
    '',
    ...table,
    '',
    'Make a payment:',
    '',
    `  curl -s '${env['API_URL']}/v1/payments' -H 'Authorization: Bearer ${env['API_KEY']}' \\`,
    `    -H 'Content-Type: application/json' -H "Idempotency-Key: $(date +%s)-$RANDOM" \\`,
    `    -H 'Prefer: wait=10' -d '{"amount": 1250, "currency": "EUR", "payment_method": "pm_card_visa"}'`,
    '',
    'Other shells: eval "$(npm run -s stack:env)". Ctrl-C stops everything; the data stays.',
    '',
  ].join('\n');
}
