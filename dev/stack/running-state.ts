import path from 'node:path';
import { runningStacks } from '../ensure/stacks.cjs';
import { DATA } from './folders';
import { readState, type StackState } from './state';

/** @returns what `npm start` in this clone runs on; throws when it does not run */
export function runningState(): StackState {
  const running = runningStacks(DATA).some(({ name }) => name === 'dev');
  const state = running ? readState(path.join(DATA, 'dev')) : undefined;
  if (state?.env['API_URL'] === undefined) {
    throw new Error('nothing is running here, or it is not ready yet; "npm start" starts it');
  }
  return state;
}
