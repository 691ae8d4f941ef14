import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { exportLines, readState, writeState } from './state';

test('a shell that evaluates the lines has exactly the values', () => {
  const value = `it's "quoted" $HOME \`id\` \\ a&b`;
  const lines = exportLines({ API_URL: 'http://127.0.0.1:1', API_KEY: value });
  expect(lines.split('\n')[0]).toBe(`export API_URL='http://127.0.0.1:1'`);
  const shown = execFileSync('sh', ['-c', `${lines}printf %s "$API_KEY"`], { encoding: 'utf8' });
  expect(shown).toBe(value);
});

test('the state holds keys, so only its owner may read it', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'paysaga-state-'));
  writeState(folder, { ports: { api: 1 }, env: { API_KEY: 'psk_x' } });
  expect(statSync(path.join(folder, 'state.json')).mode & 0o777).toBe(0o600);
  expect(readState(folder)).toEqual({ ports: { api: 1 }, env: { API_KEY: 'psk_x' } });
  rmSync(folder, { recursive: true });
  expect(readState(folder)).toBeUndefined();
});
