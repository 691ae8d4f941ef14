import path from 'node:path';
import { runningStacks } from '../ensure/stacks.cjs';
import { DATA } from './folders';
import { readState, type StackState } from './state';

const STARTED_BY_NPM = 'dev';

/**
 * @returns what `npm start` in this clone runs on, or the stack that PAYSAGA_STACK names by its
 *   folder; throws when it does not run
 */
export function runningState(): StackState {
  const named = process.env['PAYSAGA_STACK'] ?? '';
  const folder = path.join(DATA, named === '' ? STARTED_BY_NPM : named);
  const running = runningStacks(path.dirname(folder)).some(
    ({ name }) => name === path.basename(folder),
  );
  const state = running ? readState(folder) : undefined;
  if (state?.env['API_URL'] === undefined) {
    throw new Error('nothing is running here, or it is not ready yet; "npm start" starts it');
  }
  return state;
}
