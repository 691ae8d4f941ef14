import type { CardForm, FormOptions, Intent } from './card-form.mjs';
import { refusalText } from './refusal.mjs';
import type { ProviderError } from './refusal.mjs';

const CARDS = [
  ['pm_card_visa', 'Visa, succeeds'],
  ['pm_card_visa_chargeDeclined', 'Visa, declined'],
  ['pm_card_authenticationRequired', 'Visa, asks for 3-D Secure'],
] as const;
const TIMEOUT_MS = 15_000;

/** The sandbox in place of Stripe.js: the same calls, with test cards by their names. */
export function sandboxCards(sandboxUrl: string, options: FormOptions): CardForm {
  const { publishableKey: key, clientSecret: client_secret } = options;
  const [intentId = ''] = client_secret.split('_secret_');
  const url = `${sandboxUrl}/v1/payment_intents/${intentId}`;
  const fields = new Map<string, HTMLInputElement>();

  const send = async (path: string, init?: RequestInit): Promise<Answer> => {
    const response = await fetch(path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.json();
  };

  return {
    async read() {
      return toIntent(await send(`${url}?${new URLSearchParams({ key, client_secret })}`));
    },
    mount(place) {
      place.replaceChildren(choice(fields));
    },
    async confirm(return_url) {
      const chosen = [...fields].find(([, field]) => field.checked)?.[0] ?? CARDS[0][0];
      const body = new URLSearchParams({ key, client_secret, return_url, payment_method: chosen });
      const answer = await send(`${url}/confirm`, { method: 'POST', body });
      if (answer.error !== undefined) return refusalText(answer.error);
      const challenge = answer.next_action?.redirect_to_url?.url;
      return challenge === undefined ? null : leaveFor(challenge);
    },
  };
}

/** What is read of Stripe's intent, or of its error. */
interface Answer {
  readonly status?: string;
  readonly last_payment_error?: ProviderError | null;
  readonly next_action?: { readonly redirect_to_url?: { readonly url: string } } | null;
  readonly error?: ProviderError;
}

function toIntent({ status, last_payment_error: last, error }: Answer): Intent {
  if (status === undefined) throw new Error(error?.message ?? 'the sandbox gave no payment');
  return { status, refusal: last ? refusalText(last) : null };
}

function choice(fields: Map<string, HTMLInputElement>): HTMLElement {
  const group = document.createElement('fieldset');
  const legend = document.createElement('legend');
  legend.textContent = 'Test card';
  group.append(legend);
  for (const [id, text] of CARDS) {
    const field = document.createElement('input');
    Object.assign(field, { type: 'radio', name: 'card', value: id, checked: id === CARDS[0][0] });
    fields.set(id, field);
    const label = document.createElement('label');
    label.append(field, ` ${text}`);
    group.append(label);
  }
  return group;
}

/** Never answers: the page ends before. */
function leaveFor(url: string): Promise<never> {
  location.assign(url);
  return new Promise(() => {});
}
