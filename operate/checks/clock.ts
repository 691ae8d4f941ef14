import { Fault } from '../../application/diagnosis';

// A machine that keeps its clock by NTP is milliseconds off. A server's date header counts whole
// seconds and travels with the answer, so less than this proves nothing.
const toleratedMs = 5_000;

/**
 * Judges an offset, in milliseconds, by which the other's clock is ahead of ours.
 * @throws Fault above five seconds
 */
export function judgeClock(offsetMs: number, whose: string): string {
  const seconds = (Math.abs(offsetMs) / 1_000).toFixed(1);
  if (Math.abs(offsetMs) <= toleratedMs) return `within ${seconds} s of ${whose}`;
  const direction = offsetMs > 0 ? 'behind' : 'ahead of';
  throw new Fault(
    `this machine is ${seconds} s ${direction} ${whose}`,
    'set both machines by NTP (timedatectl status); a clock five minutes off refuses every webhook',
  );
}
