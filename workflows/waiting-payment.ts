import { log } from '@temporalio/workflow';
import type { AuthorizeResult, SagaWaits } from '../contracts/saga';
import { failureCodes } from '../contracts/saga';
import { charge } from './charge';
import { authenticationAbandoned, confirmationAbandoned, failure } from './failures';
import { HoldClock } from './hold-clock';
import type { MerchantDesk, MerchantRequest } from './merchant-desk';
import type { PaymentProgress } from './payment-progress';
import type { Steps } from './steps';
import { canceledOnRequest, verdictOf, waitingRecord } from './verdict';
import type { Authorized, Recording, RequiresAction, Verdict } from './verdict';

/** What a payment that waits works with. */
export interface Waiting {
  readonly paymentId: string;
  readonly waits: SagaWaits;
  readonly steps: Steps;
  readonly desk: MerchantDesk;
  readonly progress: PaymentProgress;
  readonly tryRecord: (recording: Recording) => Promise<boolean>;
}

/**
 * Waits for the customer's act: a challenge, or the confirmation in the browser. A webhook, a look
 * at the provider now and then, a cancel and the deadline all end the wait; the provider's own word
 * decides what came of it.
 */
export async function awaitCustomer(waiting: Waiting, asked: RequiresAction): Promise<Verdict> {
  const { desk, progress, waits, paymentId } = waiting;
  progress.enter('awaiting_customer', `the customer has to act: ${asked.action}`);
  if (!(await waiting.tryRecord(waitingRecord(asked)))) return unrecorded;
  progress.show('requires_action');
  const deadlineMs = Date.now() + waits.actionMs;
  for (;;) {
    const leftMs = deadlineMs - Date.now();
    const wake = await desk.next(Math.min(waits.pollMs, leftMs));
    if (wake.kind === 'request') {
      if (wake.request.kind === 'cancel') return canceledOnRequest(wake.request.requestId);
      await refuse(waiting, wake.request, 'nothing is held yet');
      continue;
    }
    const verdict = await look(waiting);
    if (verdict !== null && verdict.kind !== 'requires_action') return verdict;
    if (Date.now() >= deadlineMs) {
      log.info('the customer did not act in time', { paymentId });
      return abandoned(asked);
    }
  }
}

/**
 * Keeps a hold until it is captured, canceled, or lapses. An hour before its end the payment's own
 * policy decides.
 */
export async function keepHold(waiting: Waiting, held: Authorized): Promise<Verdict> {
  const { desk, progress, waits } = waiting;
  progress.enter('holding', `holding until ${held.captureBefore ?? 'it is captured or canceled'}`);
  if (!(await waiting.tryRecord(waitingRecord(held)))) return unrecorded;
  progress.show('authorized');
  const clock = new HoldClock(held.captureBefore, waits);
  let isUnsure = false;
  for (;;) {
    const untilNextMs = clock.untilNextMs(Date.now());
    const wake = await desk.next(
      isUnsure ? Math.min(waits.pollMs, untilNextMs ?? waits.pollMs) : untilNextMs,
    );
    if (wake.kind === 'request') {
      const { request } = wake;
      if (request.kind === 'cancel') return canceledOnRequest(request.requestId);
      return capture(waiting, { ...request, amountMinor: request.amountMinor ?? held.heldMinor });
    }
    const alarm = wake.kind === 'time' ? clock.ring(Date.now()) : null;
    if (alarm === 'notice') await announceEnd(waiting, held);
    if (alarm === 'notice' && !isUnsure) continue;
    // Before the policy acts too: what was captured by hand meanwhile must not be given back.
    const standing = await look(waiting);
    if (standing !== null && standing.kind !== 'authorized') return standing;
    isUnsure = standing === null;
    if (alarm !== 'policy') continue;
    const verdict = await obey(waiting, held);
    if (verdict !== null) return verdict;
  }
}

/** What the payment's own policy leads to; null goes on holding. */
async function obey(waiting: Waiting, held: Authorized): Promise<Verdict | null> {
  switch (held.holdPolicy) {
    case 'capture':
      return capture(waiting, { amountMinor: held.heldMinor });
    case 'void':
      return { kind: 'lost', status: 'canceled', failure: holdVoided, isWish: true };
    case 'alert':
      log.warn('a hold lapses within the hour, and its policy is to alert');
      return null;
    default:
      return held.holdPolicy satisfies never;
  }
}

async function announceEnd({ steps, paymentId }: Waiting, held: Authorized): Promise<void> {
  const { captureBefore, holdPolicy: policy } = held;
  if (captureBefore === null) return;
  try {
    await steps.recordRegularly.noteHoldExpiring({ paymentId, captureBefore, policy });
  } catch (error) {
    // The hold itself matters more than its announcement.
    log.error('the end of the hold could not be announced', { failure: String(error) });
  }
}

/** A capture that fails for good after the authorization lets the hold go. */
async function capture(
  { steps, progress, paymentId }: Waiting,
  request: Partial<Pick<MerchantRequest, 'requestId'>> & { readonly amountMinor: number },
): Promise<Verdict> {
  const { amountMinor, requestId } = request;
  progress.enter('capturing', `capturing ${amountMinor} of what is held`);
  try {
    const result = await charge(steps, (forward) =>
      forward.capturePayment({ paymentId, amountMinor }),
    );
    const verdict = verdictOf(result);
    return verdict.kind === 'captured' && requestId !== undefined
      ? { ...verdict, requestId }
      : verdict;
  } catch (error) {
    log.error('the capture failed for good', { failure: String(error) });
    return { kind: 'lost', status: 'failed', failure: captureFailed };
  }
}

/** What the provider says now; null when it gives no answer, which is waited out. */
async function look({ steps, paymentId }: Waiting): Promise<Verdict | null> {
  try {
    const result: AuthorizeResult = await steps.reading.readProvider({ paymentId });
    return verdictOf(result);
  } catch (error) {
    log.warn('the provider could not be asked', { failure: String(error) });
    return null;
  }
}

async function refuse(
  { steps, desk, paymentId, progress }: Waiting,
  { requestId }: MerchantRequest,
  refusal: string,
): Promise<void> {
  await steps.recordRegularly.refuseRequest({ paymentId, requestId, refusal });
  desk.reply(progress.status);
}

function abandoned({ action }: RequiresAction): Verdict {
  const isConfirmation = action === 'confirm_with_client_secret';
  return {
    kind: 'lost',
    status: 'failed',
    failure: isConfirmation ? confirmationAbandoned : authenticationAbandoned,
  };
}

const holdVoided = failure(
  failureCodes.holdVoided,
  'The hold was released before it lapsed: nobody had captured it.',
);

const captureFailed = failure(
  failureCodes.captureFailed,
  'What was held could not be captured, and was released.',
);

const unrecorded: Verdict = {
  kind: 'lost',
  status: 'failed',
  failure: failure(failureCodes.processingFailed, 'The payment could not be processed.'),
};
