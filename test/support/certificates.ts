import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** The file of its certificate. */
  readonly ca: string;
  /** Signs a certificate for a name; servers get the loopback addresses too. @returns its files */
  issue(name: string): CertificateFiles;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const days = ['-days', '2'];

/** A certificate authority of the test's own, made by openssl in `folder`. */
export function createAuthority(folder: string): Authority {
  mkdirSync(folder, { recursive: true });
  const file = (name: string) => path.join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const [ca, caKey] = [file('ca.pem'), file('ca.key')];
  openssl('req', '-x509', ...newKey, ...days, '-keyout', caKey, '-out', ca, '-subj', '/CN=Test CA');
  return {
    ca,
    issue(name) {
      const [cert, key, request] = [file(`${name}.pem`), file(`${name}.key`), file(`${name}.csr`)];
      const names = file(`${name}.names`);
      writeFileSync(names, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
      openssl('req', ...newKey, '-keyout', key, '-out', request, '-subj', `/CN=${name}`);
      const signing = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-extfile', names, ...days];
      openssl('x509', '-req', '-in', request, '-out', cert, ...signing);
      return { cert, key };
    },
  };
}

export function readPair({ cert, key }: CertificateFiles) {
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}
