import { isAsPromised, readCommandBlocks } from '../support/guides/markdown';

const read = (...lines: string[]) => readCommandBlocks('guide.md', lines.join('\n'));

test('with a prompt, other lines are the promised output', () => {
  const [block] = read('text', '```console run=redis-down until', '$ one', 'a', '$ two', '```');
  expect(block).toMatchObject({ situation: 'redis-down', until: true, fails: false, notRun: null });
  expect(block?.commands).toEqual([
    { line: 3, text: 'one', expected: ['a'] },
    { line: 5, text: 'two', expected: [] },
  ]);
});

test('without a prompt, every line but a remark is a command, and a backslash joins lines', () => {
  const [block] = read('```sh not-run="two words"', '# remark', 'one \\', '  more', 'two', '```');
  expect(block?.notRun).toBe('two words');
  expect(block?.commands.map(({ text }) => text)).toEqual(['one \\\n  more', 'two']);
});

test('blocks of other languages are left alone', () => {
  expect(read('```sql', 'SELECT 1', '```', '```', 'plain', '```')).toEqual([]);
});

test('a misspelt mark and a block without an end are refused', () => {
  expect(() => read('```sh notrun="x"', 'one', '```')).toThrow('no mark notrun');
  expect(() => read('```sh', 'one')).toThrow('no end');
});

test.each([
  ['a line as it is', 'PONG', ['PONG'], true],
  ['another line', 'PONG?', ['PONG'], false],
  ['a line too many', 'PONG\nPONG', ['PONG'], false],
  ['a line too few', 'one', ['one', 'two'], false],
  ['blanks of any width', '| a    | 1 |', ['| a | 1 |'], true],
  ['dots within a line', '{"id":"pay_1","x":2}', ['{"id":"pay_...}'], true],
  ['dots for some lines', 'one\ntwo\nthree', ['one', '...', 'three'], true],
  ['dots for no line', 'one\nthree', ['one', '...', 'three'], true],
  ['the end that is missing', 'one\ntwo', ['...', 'three'], false],
  ['a pattern taken as text', 'a+b (c)', ['a+b (c)'], true],
  ['nothing promised', 'whatever', [], true],
])('%s', (_, output, expected, asPromised) => {
  expect(isAsPromised(output, expected)).toBe(asPromised);
});
