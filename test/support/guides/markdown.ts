/** One command of a fenced block, with the output that its author promised. */
export interface GuideCommand {
  /** Line of the file, counted from 1. */
  readonly line: number;
  readonly text: string;
  /** Lines of output; `...` stands for any text within a line, alone for any lines. */
  readonly expected: readonly string[];
}

/** A fenced block of shell commands and what its fence says about running it. */
export interface CommandBlock {
  readonly file: string;
  readonly line: number;
  /** The situation in which it is run, such as `redis-down`; null when the fence names none. */
  readonly situation: string | null;
  /** Why it is not executed; null when it is. */
  readonly notRun: string | null;
  /** Repeated until the output is as promised. */
  readonly until: boolean;
  /** Every command is expected to end with another code than 0. */
  readonly fails: boolean;
  /** A process that stays: started, and ended with the whole test. */
  readonly stays: boolean;
  readonly commands: readonly GuideCommand[];
}

const SHELL_LANGUAGES = new Set(['sh', 'bash', 'shell', 'console']);
const KNOWN_MARKS = new Set(['run', 'not-run', 'until', 'fails', 'stays']);

/**
 * Every block of shell commands in a Markdown text, in its order.
 * @throws for a mark that does not exist: a misspelt `not-run` must not pass for none
 */
export function readCommandBlocks(file: string, markdown: string): CommandBlock[] {
  const lines = markdown.split('\n');
  const blocks: CommandBlock[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const fence = /^\s*(```+)(\S*)(.*)$/.exec(lines[index] ?? '');
    if (fence === null) continue;
    const [, ticks = '', language = '', info = ''] = fence;
    const end = lines.findIndex((line, at) => at > index && line.trim() === ticks);
    if (end < 0) throw new Error(`${file}:${index + 1}: the block has no end`);
    if (SHELL_LANGUAGES.has(language)) {
      const marks = readMarks(`${file}:${index + 1}`, info);
      blocks.push({
        file,
        line: index + 1,
        situation: marks.get('run') ?? null,
        notRun: marks.get('not-run') ?? null,
        until: marks.has('until'),
        fails: marks.has('fails'),
        stays: marks.has('stays'),
        commands: readCommands(lines.slice(index + 1, end), {
          firstLine: index + 2,
          prompt: language === 'console' ? '$ ' : '',
        }),
      });
    }
    index = end;
  }
  return blocks;
}

function readMarks(place: string, info: string): Map<string, string> {
  const marks = new Map<string, string>();
  for (const [, name = '', quoted, bare] of info.matchAll(/([\w-]+)(?:="([^"]*)"|=(\S+))?/g)) {
    if (!KNOWN_MARKS.has(name)) throw new Error(`${place}: there is no mark ${name}`);
    marks.set(name, quoted ?? bare ?? '');
  }
  return marks;
}

/** With a prompt the other lines are output; without one every line is a command. */
function readCommands(
  lines: readonly string[],
  { firstLine, prompt }: { readonly firstLine: number; readonly prompt: string },
): GuideCommand[] {
  const commands: { line: number; text: string; expected: string[] }[] = [];
  let continues = false;
  for (const [offset, line] of lines.entries()) {
    const last = commands.at(-1);
    if (continues && last !== undefined) {
      last.text += `\n${line}`;
    } else if (line.startsWith(prompt) && !isRemark(line, prompt)) {
      commands.push({ line: firstLine + offset, text: line.slice(prompt.length), expected: [] });
    } else if (prompt !== '') {
      if (last !== undefined) last.expected.push(line);
      continue;
    } else continue;
    continues = line.endsWith('\\');
  }
  for (const command of commands) while (command.expected.at(-1) === '') command.expected.pop();
  return commands;
}

function isRemark(line: string, prompt: string): boolean {
  return prompt === '' && (line.trim() === '' || line.trim().startsWith('#'));
}

/**
 * Whether an output is what the guide promised. Runs of blanks count as one, because tables are
 * drawn as wide as their content happens to be.
 */
export function isAsPromised(output: string, expected: readonly string[]): boolean {
  if (expected.length === 0) return true;
  const plain = (line: string) => line.replaceAll(/\s+/g, ' ').trim();
  const pattern = expected
    .map((line) => plain(line))
    .map((line) => (line === '...' ? '(?:.*\n)*?' : `${lineSource(line)}\n`))
    .join('');
  const shown = output.split('\n').map(plain).join('\n').trim();
  return new RegExp(`^${pattern}$`).test(`${shown}\n`);
}

function lineSource(line: string): string {
  const escape = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return line.split('...').map(escape).join('.*?');
}
