// Drives the official Node SDK: steps as JSON on standard input, results as JSON on standard output.
// Its errors are plain Errors, whatever class it means: what tells them apart is their status.
// A step is [path of the method, ...arguments]; "$n.key" in an argument is a result of step n.
'use strict';
const plivo = require('plivo');

function resolve(value, results) {
  if (typeof value === 'string' && /^\$\d+\./.test(value)) {
    const [at, ...keys] = value.slice(1).split('.');
    return keys.reduce((found, key) => found[key], results[Number(at)].value);
  }
  if (Array.isArray(value)) return value.map((one) => resolve(one, results));
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, resolve(v, results)]));
  }
  return value;
}

function plain(value) {
  const seen = new WeakSet();
  return JSON.parse(JSON.stringify(value === undefined ? null : value, (key, one) => {
    if (one && typeof one === 'object') {
      if (seen.has(one)) return undefined;
      seen.add(one);
    }
    return typeof one === 'function' ? undefined : one;
  }));
}

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const { url, authId, authToken, steps, signatures } = JSON.parse(Buffer.concat(chunks));
  const client = new plivo.Client(authId, authToken, { url });
  const results = [];
  for (const [path, ...given] of steps) {
    const names = path.split('.');
    const method = names.pop();
    const owner = names.reduce((found, name) => found[name], client);
    try {
      const value = await owner[method](...resolve(given, results));
      results.push({ ok: true, value: plain(value), meta: plain(value && value.meta) });
    } catch (error) {
      results.push({ ok: false, status: error.status, apiId: error.apiID, message: String(error.message) });
    }
  }
  const valid = signatures.map(([uri, nonce, signature, token]) =>
    plivo.validateSignature(uri, nonce, signature, token));
  process.stdout.write(JSON.stringify({ results, valid }));
}

main().catch((error) => { console.error(error); process.exit(1); });
