import { Saga } from '../../workflows/saga';

export interface ActsInput {
  readonly acts: readonly string[];
  /** The act that fails; after it nothing more is done. */
  readonly failsAt: string | null;
  /** Undos that fail as well. */
  readonly stuck: readonly string[];
}

/** Does the acts one after the other as a saga does, and tells what was undone in which order. */
export async function undoInOrder({ acts, failsAt, stuck }: ActsInput) {
  const undone: string[] = [];
  const saga = new Saga<string>();
  for (const act of acts) {
    saga.register({
      name: act,
      run: async () => {
        undone.push(act);
        if (stuck.includes(act)) throw new Error(`${act} is stuck`);
        return act;
      },
    });
    if (act === failsAt) break;
  }
  const result = failsAt === null ? null : await saga.compensate();
  return { undone, kind: result?.kind ?? null, pending: saga.pending() };
}
