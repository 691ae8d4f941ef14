import { heartbeat } from '@temporalio/activity';
import { createAuthorizePayment } from './authorize-payment';
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
    noteHoldExpiring: createNoteHoldExpiring(deps),
    refuseRequest: createRefuseRequest(deps),
    sweepUnsettled: createSweepUnsettled(deps),
  };
}

// A payment that goes well is done before the first beat, which would be a call for nothing; the
// heartbeat timeout in workflows/steps.ts leaves room for three.
const heartbeatEveryMs = 3_000;

/** Beats while the step runs, so that the step of a killed worker is taken over in seconds. */
function beating<Input, Output>(run: (input: Input) => Promise<Output>) {
  return async (input: Input): Promise<Output> => {
    const timer = setInterval(() => heartbeat(), heartbeatEveryMs);
    try {
      return await run(input);
    } finally {
      clearInterval(timer);
    }
  };
}

export type Activities = ReturnType<typeof createActivities>;
