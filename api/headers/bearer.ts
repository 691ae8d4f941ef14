import { RequestRefused } from '../../application/errors';

// Longer headers cannot be keys of ours and are not worth a look-up.
const pattern = /^Bearer +(psk_[\w-]{16,128}) *$/i;

/** The key of `Authorization: Bearer psk_...`. @throws RequestRefused `unauthenticated` */
export function parseBearer(header: string | undefined): string {
  const secret = pattern.exec(header ?? '')?.[1];
  if (secret === undefined) throw new RequestRefused('unauthenticated');
  return secret;
}
