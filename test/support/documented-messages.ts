import { Ajv2020 } from 'ajv/dist/2020';
import { asyncApiDocument } from '../../api/asyncapi/document';
import { describedMessages } from '../../contracts/schemas/message-catalog';

// Formats are left to zod, whose schemas the document is made from.
const judge = new Ajv2020({ strict: false, validateFormats: false });
judge.addSchema(asyncApiDocument(), 'async');

interface Seen {
  readonly type: string;
  readonly payload: unknown;
}

/** Whether the document knows the type; tests of the relay publish messages of their own. */
export function isDescribed(type: string): boolean {
  return describedMessages.some((message) => message.type === type);
}

/** What a message has that the document, or the schema that consumers use, does not allow. */
export function faultsOf({ type, payload }: Seen): string[] {
  const described = describedMessages.find((message) => message.type === type);
  if (described === undefined) return [`${type}: not in the document`];
  const fits = judge.getSchema(`async#/components/messages/${encodeURIComponent(type)}/payload`)!;
  const faults = fits(payload) ? [] : [`${type}: ${judge.errorsText(fits.errors)}`];
  const parsed = described.schema.safeParse(payload);
  return parsed.success ? faults : [...faults, `${type}: ${parsed.error.message}`];
}
