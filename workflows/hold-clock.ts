import type { SagaWaits } from '../contracts/saga';

/** What a hold's end brings, in this order. */
export type HoldAlarm = 'notice' | 'policy' | 'lapse';

const order: readonly HoldAlarm[] = ['notice', 'policy', 'lapse'];
/** After its end a hold is looked at this often until the provider says that it is gone. */
const afterLapseMs = 3_600_000;

/** Which alarms of a hold have rung, and when the next one does. Times are those of the workflow. */
export class HoldClock {
  private rung = 0;

  /** @param captureBefore RFC 3339; null where the provider names no end, and then none rings */
  constructor(
    private readonly captureBefore: string | null,
    private readonly waits: Pick<SagaWaits, 'holdNoticeMs' | 'holdMarginMs'>,
  ) {}

  /** Until the next alarm; 0 when it is due, null when there is none. */
  untilNextMs(nowMs: number): number | null {
    if (this.captureBefore === null) return null;
    const alarm = order[this.rung];
    if (alarm === undefined) return afterLapseMs;
    return Math.max(0, this.timeOf(alarm, Date.parse(this.captureBefore)) - nowMs);
  }

  /** The alarm that is due now, once each; after the last one it is always `lapse`. */
  ring(nowMs: number): HoldAlarm | null {
    const untilMs = this.untilNextMs(nowMs);
    const alarm = order[this.rung];
    if (alarm === undefined) return 'lapse';
    if (untilMs === null || untilMs > 0) return null;
    this.rung += 1;
    return alarm;
  }

  private timeOf(alarm: HoldAlarm, endMs: number): number {
    switch (alarm) {
      case 'notice':
        return endMs - this.waits.holdNoticeMs;
      case 'policy':
        return endMs - this.waits.holdMarginMs;
      case 'lapse':
        return endMs;
      default:
        return alarm satisfies never;
    }
  }
}
