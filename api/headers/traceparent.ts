// Version 00 of W3C Trace Context; ids of zeros only are invalid (source: w3.org/TR/trace-context).
const pattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The trace of the caller, or null; a malformed one is ignored, as the standard asks. */
export function parseTraceparent(header: string | undefined): string | null {
  return header !== undefined && pattern.test(header) ? header : null;
}
