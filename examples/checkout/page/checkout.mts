import type { CardForm } from './card-form.mjs';
import { sandboxCards } from './sandbox-cards.mjs';
import { stripeElement } from './stripe-element.mjs';

interface Status {
  readonly status: string;
  readonly failure: string | null;
}

interface Payable extends Status {
  /** Null while another tab is making the payment. */
  readonly payment_id: string | null;
  readonly client_secret: string | null;
  readonly publishable_key: string;
  readonly sandbox_url: string | null;
}

const POLL_MS = 500;
const TIMEOUT_MS = 20_000;
/** Two minutes. A payment that takes longer is no worse for it: a reload goes on looking. */
const MOST_LOOKS = 240;

/** What paysaga's status means to the customer; one that is not here is not an end. */
const ENDS: Readonly<Record<string, string>> = {
  succeeded: 'Paid. Thank you!',
  authorized: 'Authorized. Thank you!',
  failed: 'The payment failed, and nothing was charged.',
  canceled: 'The payment was canceled, and nothing was charged.',
  needs_review: 'We are looking into this payment. Please do not pay again.',
};
const MAY_TRY_AGAIN = new Set(['failed', 'canceled']);
/** The provider's statuses in which a card can be given. */
const OPEN = new Set(['requires_payment_method', 'requires_confirmation', 'requires_action']);

const progress = element('progress');
const refusal = element('refusal');
const form = element('payment');
const payButton = element('pay');
const again = element('again');
const next = element('next');

/**
 * Shows what has to happen now, whichever way the customer came here: first visit, reload, second
 * tab, or back from a challenge. What the address of that way back says is not read.
 */
async function begin(): Promise<void> {
  show({ progress: 'Preparing the payment ...' });
  const payment = await payable();
  const { client_secret: secret } = payment;
  if (payment.payment_id === null) return show({ progress: 'Please reload the page.' });
  if (ENDS[payment.status] !== undefined || secret === null) return follow(payment.payment_id);
  const cards = await cardForm(payment, secret);
  const intent = await cards.read();
  if (!OPEN.has(intent.status)) return follow(payment.payment_id);
  cards.mount(element('cards'));
  offer(payment.payment_id, cards);
  show({ isOpen: true, refusal: intent.refusal });
}

/** The basket's payment as soon as it can be confirmed, or is past that. */
async function payable(): Promise<Payable> {
  for (let looks = 1; ; looks += 1) {
    const payment = await ask<Payable>('/pay', { method: 'POST' });
    const isReady = ENDS[payment.status] !== undefined || payment.client_secret !== null;
    if (isReady || looks === MOST_LOOKS) return payment;
    await pause();
  }
}

function cardForm({ publishable_key: publishableKey, sandbox_url: url }: Payable, secret: string) {
  const options = { publishableKey, clientSecret: secret };
  return url === null ? stripeElement(options) : sandboxCards(url, options);
}

/** A card that is refused can be replaced by another: it is the same payment. */
function offer(paymentId: string, cards: CardForm): void {
  form.onsubmit = (event) => {
    event.preventDefault();
    void guarded(async () => {
      show({ isOpen: true, isBusy: true, progress: 'Asking your bank ...' });
      const refused = await cards.confirm(new URL('/return', location.href).href);
      // Another tab may have paid meanwhile, and then no card is wanted any more.
      const isOpen = refused !== null && OPEN.has((await cards.read()).status);
      if (isOpen) show({ isOpen, refusal: refused });
      else await follow(paymentId);
    });
  };
}

/** Only paysaga's own status ends a payment here: it has it from the provider, by webhook. */
async function follow(paymentId: string): Promise<void> {
  show({ progress: 'Confirming the payment ...' });
  for (let looks = 1; looks <= MOST_LOOKS; looks += 1) {
    const { status, failure } = await ask<Status>(`/status/${paymentId}`);
    const end = ENDS[status];
    if (end !== undefined) {
      const mayTryAgain = MAY_TRY_AGAIN.has(status);
      return show({ progress: end, refusal: failure, mayTryAgain, isEnd: !mayTryAgain });
    }
    await pause();
  }
  show({ progress: 'Still being confirmed. You can reload this page at any time.' });
}

async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${path} answers ${response.status}`);
  return response.json();
}

interface Shown {
  readonly progress?: string;
  readonly refusal?: string | null;
  readonly isOpen?: boolean;
  readonly isBusy?: boolean;
  readonly mayTryAgain?: boolean;
  readonly isEnd?: boolean;
}

function show(shown: Shown): void {
  progress.textContent = shown.progress ?? '';
  refusal.textContent = shown.refusal ?? '';
  form.hidden = shown.isOpen !== true;
  payButton.toggleAttribute('disabled', shown.isBusy === true);
  again.hidden = shown.mayTryAgain !== true;
  next.hidden = shown.isEnd !== true;
}

/** Whatever got lost on the way, looking again is safe: the basket has one payment. */
async function guarded(step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const told = `Something did not answer (${text}). Nothing is paid twice.`;
    show({ refusal: told, mayTryAgain: true });
  }
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, POLL_MS);
  });
}

// The way back from a challenge has the client secret in its address; the history is not to keep it.
history.replaceState(null, '', location.pathname);
again.addEventListener('click', () => void guarded(begin));
void guarded(begin);
