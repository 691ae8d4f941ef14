import { bookChargeLater } from './balance';
import { decideLater, disputeLater, isOpen, lapseLater } from './dispute-life';
import { BY_ITSELF } from './event-log';
import { idOf } from './ids';
import { settleSlowly } from './intent-charge';
import { expireHold } from './intent-finish';
import { HOLD_SECONDS } from './payment-objects';
import { settleLater } from './refund-life';
import type { World } from './world';

/** What was due later is planned again after a restart: holds, slow refunds, disputes, bookings. */
export function planAgain(world: World): void {
  for (const intent of world.intents.all()) {
    const onFile = world.cards.get(idOf(intent.payment_method));
    if (intent.status === 'processing' && onFile !== undefined) {
      settleSlowly(world, { intent, onFile, authenticated: false, cause: BY_ITSELF });
    }
    if (intent.status !== 'requires_capture') continue;
    const charge = world.charges.get(idOf(intent.latest_charge));
    const lapsesMs = ((charge?.created ?? intent.created) + HOLD_SECONDS) * 1000;
    world.clock.after(lapsesMs - world.clock.nowMs(), () => expireHold(world, intent));
  }
  for (const charge of world.charges.all()) {
    if (!charge.captured) continue;
    if (charge.balance_transaction === null) bookChargeLater(world, charge);
    disputeLater(world, charge);
  }
  for (const refund of world.refunds.all()) settleLater(world, refund);
  for (const dispute of world.disputes.all().filter(isOpen)) {
    if (dispute.evidence_details.submission_count > 0) decideLater(world, dispute);
    else lapseLater(world, dispute);
  }
}
