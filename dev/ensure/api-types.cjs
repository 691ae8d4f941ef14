'use strict';
// Writes the types of the API's client: node api-types.cjs DOCUMENT OUTPUT. It is not type-checked,
// because the generator's own types need TypeScript 5 as well.
const fs = require('node:fs');
const Module = require('node:module');

const [document = '', output = ''] = process.argv.slice(2);

// The generator builds its output with the API of TypeScript 5, which version 7 no longer has.
const resolve = Reflect.get(Module, '_resolveFilename');
Reflect.set(Module, '_resolveFilename', (name, ...rest) =>
  Reflect.apply(resolve, Module, [name === 'typescript' ? 'typescript-5' : name, ...rest]),
);

async function main() {
  const { astToString, default: typesOf } = require('openapi-typescript');
  const types = await typesOf(JSON.parse(fs.readFileSync(document, 'utf8')));
  fs.writeFileSync(output, astToString(types));
}

main().catch((error) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
