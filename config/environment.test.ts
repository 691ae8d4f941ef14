import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { ConfigError, readEnvironment } from './environment';
import type { Environment } from './environment';

const shape = { SECRET: z.string().regex(/^sesame/, 'must begin with sesame') };
let folder: string;

beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'paysaga-environment-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function file(content: string): string {
  const name = path.join(folder, 'secret');
  writeFileSync(name, content);
  return name;
}

function problemsOf(environment: Environment): readonly string[] {
  try {
    readEnvironment(shape, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('a variable that comes as a file', () => {
  it.each([
    ['no newline', 'sesame street'],
    ['a newline', 'sesame street\n'],
    ['a newline of Windows', 'sesame street\r\n'],
  ])('is the content of the file with %s at its end', (_, content) => {
    expect(readEnvironment(shape, { SECRET_FILE: file(content) })).toEqual({
      SECRET: 'sesame street',
    });
  });

  it('loses one newline only, and keeps those inside', () => {
    const { SECRET } = readEnvironment(shape, { SECRET_FILE: file('sesame\nstreet\n\n') });
    expect(SECRET).toBe('sesame\nstreet\n');
  });

  it('must not come directly too', () => {
    const problems = problemsOf({ SECRET: 'sesame', SECRET_FILE: file('sesame') });
    expect(problems).toEqual(['SECRET: is set, and so is SECRET_FILE; only one of them may be']);
  });

  it('may be empty beside a direct one, as compose files leave it', () => {
    expect(readEnvironment(shape, { SECRET: 'sesame', SECRET_FILE: '' })).toEqual({
      SECRET: 'sesame',
    });
  });

  it('names the file that is not there', () => {
    const missing = path.join(folder, 'missing');
    expect(problemsOf({ SECRET_FILE: missing })).toEqual([
      `SECRET_FILE: ${missing} cannot be read (ENOENT)`,
    ]);
  });

  it('names the file that is a folder, and the one that is empty', () => {
    const inside = path.join(folder, 'inside');
    mkdirSync(inside);
    expect(problemsOf({ SECRET_FILE: inside })).toEqual([
      `SECRET_FILE: ${inside} cannot be read (EISDIR)`,
    ]);
    expect(problemsOf({ SECRET_FILE: file('\n') })).toEqual([
      `SECRET_FILE: ${path.join(folder, 'secret')} is empty`,
    ]);
  });

  it('never shows its content', () => {
    const [problem] = problemsOf({ SECRET_FILE: file('abracadabra') });
    expect(problem).toContain('SECRET: must begin with sesame');
    expect(problem).not.toContain('abracadabra');
  });
});
