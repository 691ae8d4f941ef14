/** The steps at which a process can be told to kill itself, in the order a payment passes them. */
export const crashPointNames = [
  'after_processing_marked',
  'after_intent_created',
  'after_intent_stored',
  'after_stripe_confirm',
  'after_capture_stored',
  'after_stripe_capture',
  'before_record',
  'after_record',
  'after_undo_started',
  'mid_compensation',
  'after_refund_stored',
  'after_stripe_refund',
] as const;

export type CrashPointName = (typeof crashPointNames)[number];

/** Exact kills for tests and the demo: a random kill seldom meets the gap between two writes. */
export interface CrashPoints {
  /** Does nothing, or ends the process by SIGKILL so that no cleanup of any kind runs. */
  reach(name: CrashPointName): void;
}
