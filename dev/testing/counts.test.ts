import { countsLine, countTests, type JestReport } from './counts';

const report = (numbers: Partial<JestReport>): JestReport => ({
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
  ...numbers,
});

test('a run that succeeded is counted test by test', () => {
  const counts = countTests(report({ numPassedTests: 7, numPendingTests: 1, numTodoTests: 2 }), 0);
  expect(countsLine(counts)).toBe('7 passed, 0 failed, 3 skipped');
});

test('a file that did not load counts as a failure', () => {
  const counts = countTests(report({ numPassedTests: 7, numRuntimeErrorTestSuites: 1 }), 1);
  expect(countsLine(counts)).toBe('7 passed, 1 failed, 0 skipped');
});

test('a run without a report is a failure', () => {
  expect(countTests(undefined, 0).failed).toBe(1);
});

test('a run that ended badly never reads as passed, although no test failed', () => {
  expect(countTests(report({ numPassedTests: 7 }), 1).failed).toBe(1);
  expect(countTests(report({ numPassedTests: 7 }), null).failed).toBe(1);
});

test('failing tests are not counted twice because of the exit code', () => {
  expect(countTests(report({ numFailedTests: 2 }), 1).failed).toBe(2);
});
