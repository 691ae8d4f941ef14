import { createApplyFact } from './apply-fact';
import { createAuthorizePayment } from './authorize-payment';
import { beating } from './beating';
import { createCapturePayment } from './capture-payment';
import type { ActivityDependencies } from './dependencies';
import { createNoteHoldExpiring } from './note-hold-expiring';
import { observed } from './observed-step';
import { createReadProvider } from './read-provider';
import { createReadReview } from './read-review';
import {
  createAnnounceRefund,
  createNoteRefundParked,
  createReadRefund,
  createSettleRefund,
} from './read-refund';
import { createRecordOutcome } from './record-outcome';
import { createRefuseRequest } from './refuse-request';
import { createReleaseFunds } from './release-funds';
import { createSendRefund } from './send-refund';
import { createSweepUnsettled } from './sweep-unsettled';

export type { ActivityDependencies } from './dependencies';

/** The activities of the saga and of its sweeper, bound to what they touch. */
export function createActivities(deps: ActivityDependencies) {
  return {
    authorizePayment: beating(observed(deps, 'authorizePayment', createAuthorizePayment)),
    releaseFunds: beating(observed(deps, 'releaseFunds', createReleaseFunds)),
    capturePayment: beating(observed(deps, 'capturePayment', createCapturePayment)),
    readProvider: beating(observed(deps, 'readProvider', createReadProvider)),
    readReview: createReadReview(deps),
    sendRefund: beating(observed(deps, 'sendRefund', createSendRefund)),
    readRefund: beating(observed(deps, 'readRefund', createReadRefund)),
    settleRefund: beating(createSettleRefund(deps)),
    noteRefundParked: createNoteRefundParked(deps),
    announceRefund: createAnnounceRefund(deps),
    recordOutcome: observed(deps, 'recordOutcome', createRecordOutcome),
    applyFact: beating(observed(deps, 'applyFact', createApplyFact)),
    noteHoldExpiring: createNoteHoldExpiring(deps),
    refuseRequest: createRefuseRequest(deps),
    sweepUnsettled: createSweepUnsettled(deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;
