// Drives the official Node SDK: a chain of calls as JSON on each line of standard input, a line
// "RESULT {...}" for each on standard output. The SDK is told of the proxy and of nothing else;
// its multipart requests know no proxy, so uploads get the same address as `url`.
'use strict';
const plivo = require('plivo');
const readline = require('readline');

const [authId, authToken, proxy] = process.argv.slice(2);
const client = new plivo.Client(authId, authToken, { proxy });
const uploads = new plivo.Client(authId, authToken, { url: `${proxy}/v1/Account/${authId}` });

async function run(chain) {
  let owner = chain[0][0] === 'media.upload' ? uploads : client;
  for (const [path, ...given] of chain) {
    const names = path.split('.');
    const method = names.pop();
    const target = names.reduce((found, name) => found[name], owner);
    owner = await target[method](...given);
    if (owner instanceof Error) throw owner; // what its validators return
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    let result = { ok: true };
    try {
      await run(JSON.parse(line));
    } catch (error) {
      result = { ok: false, message: `${error.name || 'Error'} ${error.status || ''}: ${error.message || error}` };
    }
    process.stdout.write(`RESULT ${JSON.stringify(result)}\n`);
  }
}

main();
