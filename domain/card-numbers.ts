// The lengths of card numbers (source: ISO/IEC 7812-1), with the separators people type.
const shortest = 13;
const longest = 19;
// Payment cards begin with 2 to 6 (source: ISO/IEC 7812-1, major industry identifiers). Without
// this one in ten timestamps, which begin with 1 until 2033, would pass for a card number.
const paymentCard = /^[2-6]/;
const digitRun = /\d(?:[ .-]?\d)+/g;
// Identifiers written in hexadecimal hold long runs of digits by chance; they are no card numbers.
const uuid =
  /(?<![0-9A-Za-z])[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}(?![0-9A-Za-z])/gi;

/**
 * Whether something in the text could be a card number: 13 to 19 digits that begin as payment cards
 * do and pass Luhn's check, in whatever script's digits.
 */
export function containsCardNumber(text: string): boolean {
  return withoutIdentifiers(text.normalize('NFKC')).some((part) =>
    [...part.matchAll(digitRun)].some(([run]) => holdsCardNumber(run)),
  );
}

/** The text with every possible card number replaced, for logs. */
export function maskCardNumbers(text: string): string {
  const identifiers = text.match(uuid) ?? [];
  return withoutIdentifiers(text)
    .map((part) => part.replace(digitRun, (run) => (holdsCardNumber(run) ? '[card number]' : run)))
    .map((part, index) => part + (identifiers[index] ?? ''))
    .join('');
}

function withoutIdentifiers(text: string): string[] {
  return text.split(uuid);
}

/** A run may be a card number with another number beside it, so whole groups are tried together. */
function holdsCardNumber(run: string): boolean {
  const groups = run.split(/[ .-]/);
  return groups.some((_, start) => {
    let digits = '';
    return groups.slice(start).some((group) => {
      digits += group;
      const isCardLength = digits.length >= shortest && digits.length <= longest;
      return isCardLength && paymentCard.test(digits) && passesLuhn(digits);
    });
  });
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 1; place <= digits.length; place += 1) {
    const digit = Number(digits.charAt(digits.length - place));
    const weighed = place % 2 === 0 ? digit * 2 : digit;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum % 10 === 0;
}
