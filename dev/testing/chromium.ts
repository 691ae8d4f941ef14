import { findProgram, installPackages } from '../stack/installer';

const NAMES = ['chromium', 'google-chrome'];

/**
 * A browser for the tests that need one, installed when there is none.
 * @returns the path of its program
 * @throws with what to install where this cannot
 */
export function ensureChromium(say: (line: string) => void): string {
  const found = findChromium();
  if (found !== undefined) return found;
  installPackages({ apt: ['chromium'], brew: ['chromium'], services: [] }, say);
  const installed = findChromium();
  if (installed === undefined) throw new Error('Chromium was installed, yet it is not on the PATH');
  return installed;
}

function findChromium(): string | undefined {
  return NAMES.map(findProgram).find((program) => program !== undefined);
}
