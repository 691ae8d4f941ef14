import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../dev/stack/folders';
import { eventually } from '../support/eventually';
import { isAsPromised, readCommandBlocks } from '../support/guides/markdown';
import type { CommandBlock, GuideCommand } from '../support/guides/markdown';
import { ShellSession } from '../support/guides/shell';
import { restore, situations } from '../support/guides/situations';
import { openGuideWorld } from '../support/guides/world';
import type { GuideWorld } from '../support/guides/world';

// Only a failure waits that long: on two cores that others use too, a start takes its time.
const commandTimeoutMs = 30_000;
const untilTimeoutMs = 60_000;

const files = ['README.md', ...readdirSync(path.join(ROOT, 'docs')).map((name) => `docs/${name}`)]
  .filter((name) => name.endsWith('.md'))
  .toSorted();
const blocks = files.flatMap((file) =>
  readCommandBlocks(file, readFileSync(path.join(ROOT, file), 'utf8')),
);
const isRun = ({ notRun }: CommandBlock) => notRun === null;
const commandsOf = ({ commands }: CommandBlock) => commands;

let world: GuideWorld;
let executed = 0;

beforeAll(async () => {
  world = await openGuideWorld();
}, 120_000);

afterAll(async () => {
  await world.close();
  const left = blocks.filter(({ notRun, commands }) => notRun !== null && commands.length > 0);
  const lines = left.map(
    ({ file, line, notRun, commands }) =>
      `  ${file}:${line}: ${commands.length} not executed: ${notRun}`,
  );
  process.stdout.write(
    `${[`documented commands executed: ${executed} of ${blocks.flatMap(commandsOf).length}`, ...lines].join('\n')}\n`,
  );
}, 60_000);

test('every block of commands is run in a known situation, or says why it is not', () => {
  const unmarked = blocks.filter(
    ({ situation, notRun }) =>
      (situation === null && (notRun ?? '') === '') ||
      (situation !== null && !Object.hasOwn(situations, situation)),
  );
  expect(unmarked.map(({ file, line }) => `${file}:${line}`)).toEqual([]);
});

interface Story {
  readonly file: string;
  readonly name: string;
  readonly blocks: readonly CommandBlock[];
}

test.each(stories())(
  '$file is true to its last command: $name',
  async (story) => {
    const kind = story.name === 'new-shell' ? 'new' : 'prepared';
    const shell = new ShellSession({ env: world.shellEnvironment(kind), cwd: ROOT });
    const before = executed;
    try {
      await situations[story.name]?.cause(world);
      for (const block of story.blocks) await runBlock(shell, block);
      expect(executed - before).toBe(story.blocks.filter(isRun).flatMap(commandsOf).length);
    } catch (error) {
      await restore(world, story.name);
      throw error;
    } finally {
      await shell.close();
    }
  },
  180_000,
);

/** Blocks of one file that name the same situation are one story, told in one shell. */
function stories(): Story[] {
  const found = new Map<string, { file: string; name: string; blocks: CommandBlock[] }>();
  for (const block of blocks) {
    const { file, situation } = block;
    if (situation === null) continue;
    const story = found.get(`${file} ${situation}`);
    if (story) story.blocks.push(block);
    else found.set(`${file} ${situation}`, { file, name: situation, blocks: [block] });
  }
  return [...found.values()];
}

async function runBlock(shell: ShellSession, block: CommandBlock): Promise<void> {
  if (block.notRun !== null) {
    await situations[block.situation ?? '']?.mend(world);
    return;
  }
  if (block.stays) {
    await Promise.all(block.commands.map(({ text }) => world.startStaying(text)));
    executed += block.commands.length;
    return;
  }
  for (const command of block.commands) {
    if (block.until) {
      await eventually(() => runCommand(shell, block, command), {
        timeoutMs: untilTimeoutMs,
        intervalMs: 250,
      });
    } else await runCommand(shell, block, command);
    executed += 1;
  }
}

async function runCommand(
  shell: ShellSession,
  block: CommandBlock,
  { text, line, expected }: GuideCommand,
): Promise<void> {
  const { output, code } = await shell.run(text, commandTimeoutMs);
  const place = `${block.file}:${line}: ${text}`;
  if (!isAsPromised(output, expected)) {
    throw new Error(`${place}\nanswers:\n${output}\nand not:\n${expected.join('\n')}`);
  }
  if ((code !== 0) !== block.fails) throw new Error(`${place}\nends with ${code}:\n${output}`);
}
