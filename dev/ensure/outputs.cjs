// @ts-check
'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { contentHash, filesBelow, isFresh } = require('./freshness.cjs');

const SOURCES = 'adapters activities api application bench config contracts dev domain examples'
  .concat(' generated operate prisma sandbox workers workflows prisma.config.ts')
  .split(' ');
// A type error is shown and stops the command, except where this says to run what was emitted
// anyway: in the middle of a change somebody may want one test's answer first.
const ALLOW_TYPE_ERRORS = process.env['PAYSAGA_ALLOW_TYPE_ERRORS'] === '1';

// Scripts of a page know a browser's types and not Node's. An image is built without this folder.
const PAGE = 'examples/checkout/page/tsconfig.json';

/**
 * @param {string} root
 * @param {string[]} args of node
 * @returns {boolean} whether it ended well
 */
function runNode(root, args) {
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    // Standard output belongs to the command that follows, which a shell may be reading.
    stdio: ['ignore', 2, 2],
  });
  return status === 0;
}

/** @param {string} stamp @param {string} hash */
function writeStamp(stamp, hash) {
  fs.mkdirSync(path.dirname(stamp), { recursive: true });
  fs.writeFileSync(stamp, hash);
}

/**
 * Generates the Prisma client when its schema or version changed.
 * @param {string} root of the clone
 */
function generateClient(root) {
  const inputs = filesBelow(root, ['prisma/schema.prisma', 'prisma.config.ts'], () => true);
  inputs.push('node_modules/prisma/package.json');
  const hash = contentHash(root, inputs);
  const stamp = path.join(root, 'generated/.stamp');
  if (isFresh(stamp, hash)) return;
  const prisma = path.join(root, 'node_modules/prisma/build/index.js');
  if (!runNode(root, [prisma, 'generate', '--no-hints'])) throw new Error('prisma generate failed');
  writeStamp(stamp, hash);
}

/**
 * Compiles everything but the tests to dist/ when a source changed, and removes from dist/ what
 * has no source any more: a deleted entry point must not go on running.
 * @param {string} root of the clone
 */
function compile(root) {
  const isSource = (/** @type {string} */ file) =>
    /\.(ts|mts|cjs)$/.test(file) && !/\.(test|fixture|d)\.ts$/.test(file);
  const sources = filesBelow(root, SOURCES, isSource);
  const projects = ['tsconfig.build.json', ...filesBelow(root, [PAGE], () => true)];
  const settings = ['tsconfig.json', ...projects, 'node_modules/typescript/package.json'];
  const hash = contentHash(root, [...sources, ...settings]);
  const stamp = path.join(root, 'dist/.stamp');
  if (isFresh(stamp, hash)) return;
  removeOrphans(root, new Set(sources.map((file) => file.replace(/ts$/, 'js'))));
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const isCompiled = projects.map((project) => runNode(root, [tsc, '-p', project]));
  if (!isCompiled.includes(false)) writeStamp(stamp, hash);
  else if (!ALLOW_TYPE_ERRORS) throw new Error('the sources do not compile; see above');
}

/** @param {string} root @param {Set<string>} expected paths of compiled files */
function removeOrphans(root, expected) {
  const dist = path.join(root, 'dist');
  const compiled = filesBelow(dist, ['.'], (file) => /\.(js|mjs|cjs)$/.test(file));
  for (const file of compiled) {
    if (file === 'workflow-bundle.js' || expected.has(file)) continue;
    fs.rmSync(path.join(dist, file));
    fs.rmSync(path.join(dist, `${file}.map`), { force: true });
  }
}

/**
 * Makes the next steps build everything again. The files themselves stay until they are replaced:
 * a running stack may still load one.
 * @param {string} root of the clone
 */
function forgetOutputs(root) {
  const stamps = ['dist/.stamp', 'dist/.tsbuildinfo.build', 'dist/.workflow-bundle.stamp'];
  for (const stamp of [...stamps, 'generated/.stamp', 'generated/api/.stamp']) {
    fs.rmSync(path.join(root, stamp), { force: true });
  }
}

/**
 * Bundles the workflows when their compiled code changed; every worker loads this one file.
 * @param {string} root of the clone
 */
function bundleWorkflows(root) {
  const inputs = filesBelow(
    root,
    ['dist/workflows', 'dist/domain', 'dist/contracts'],
    (file) => file.endsWith('.js') && !file.includes('/schemas/'),
  );
  inputs.push('node_modules/@temporalio/workflow/package.json');
  const hash = contentHash(root, inputs);
  const stamp = path.join(root, 'dist/.workflow-bundle.stamp');
  const bundle = path.join(root, 'dist/workflow-bundle.js');
  if (isFresh(stamp, hash) && fs.existsSync(bundle)) return;
  if (!runNode(root, ['dist/dev/build-workflow-bundle.js'])) {
    throw new Error('the workflow bundle could not be built; see above');
  }
  writeStamp(stamp, hash);
}

/**
 * Generates the types of the API's client when the compiled API changed.
 * @param {string} root of the clone
 */
function generateApiTypes(root) {
  const inputs = filesBelow(root, ['dist/api', 'dist/contracts', 'dist/domain'], (file) =>
    file.endsWith('.js'),
  );
  inputs.push('dev/ensure/api-types.cjs', 'node_modules/openapi-typescript/package.json');
  const hash = contentHash(root, inputs);
  const stamp = path.join(root, 'generated/api/.stamp');
  const [document, types] = ['generated/api/openapi.json', 'generated/api/paths.d.ts'];
  if (isFresh(stamp, hash) && fs.existsSync(path.join(root, types))) return;
  fs.mkdirSync(path.join(root, 'generated/api'), { recursive: true });
  const isWritten =
    runNode(root, ['dist/dev/write-openapi-document.js', document]) &&
    runNode(root, ['dev/ensure/api-types.cjs', document, types]);
  if (!isWritten) throw new Error("the types of the API's client could not be made; see above");
  writeStamp(stamp, hash);
}

module.exports = { bundleWorkflows, compile, forgetOutputs, generateApiTypes, generateClient };
