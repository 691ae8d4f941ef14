const token = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gs;

/**
 * Finds a name that occurs twice in one object of a valid JSON text. Parsers keep the last of them
 * and gateways may look at the first, so which value was meant cannot be known.
 */
export function hasDuplicateNames(json: string): boolean {
  // The names of each open object; null for an open array.
  const open: (Set<string> | null)[] = [];
  let lastString: string | null = null;
  for (const [text] of json.matchAll(token)) {
    if (text === '{') open.push(new Set());
    else if (text === '[') open.push(null);
    else if (text === '}' || text === ']') open.pop();
    else if (text === ':' && lastString !== null) {
      // Unescaped first: "\u0061" and "a" are the same name.
      const name = String(JSON.parse(lastString));
      const names = open.at(-1);
      if (names?.has(name)) return true;
      names?.add(name);
    }
    lastString = text.startsWith('"') ? text : null;
  }
  return false;
}
