import path from 'node:path';
import { runningStacks } from '../ensure/stacks.cjs';
import { DATA } from './folders';
import { readState, type StackState } from './state';

/** The stack of `npm start`, and of the commands that ask for it: PAYSAGA_STACK names another. */
export function stackName(): string {
  const named = process.env['PAYSAGA_STACK'] ?? '';
  return named === '' ? 'dev' : named;
}

/** @returns what that stack runs on; throws when it does not run */
export function runningState(): StackState {
  const folder = path.join(DATA, stackName());
  const running = runningStacks(path.dirname(folder)).some(
    ({ name }) => name === path.basename(folder),
  );
  const state = running ? readState(folder) : undefined;
  if (state?.env['API_URL'] === undefined) {
    throw new Error('nothing is running here, or it is not ready yet; "npm start" starts it');
  }
  return state;
}
