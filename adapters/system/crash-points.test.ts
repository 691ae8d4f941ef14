import { createCrashPoints } from './crash-points';

test('an unarmed process passes every crash point', () => {
  const kill = jest.spyOn(process, 'kill').mockReturnValue(true);
  createCrashPoints(undefined).reach('after_stripe_confirm');
  expect(kill).not.toHaveBeenCalled();
  kill.mockRestore();
});

test('an armed process kills itself at its crash point and at no other', () => {
  const kill = jest.spyOn(process, 'kill').mockReturnValue(true);
  const crashPoints = createCrashPoints('after_stripe_confirm');
  crashPoints.reach('after_intent_created');
  expect(kill).not.toHaveBeenCalled();
  crashPoints.reach('after_stripe_confirm');
  expect(kill).toHaveBeenCalledWith(process.pid, 'SIGKILL');
  kill.mockRestore();
});

test('a crash point that does not exist is refused at start, for it would prove nothing', () => {
  expect(() => createCrashPoints('after_lunch')).toThrow(/CRASH_POINT must be one of/);
});
