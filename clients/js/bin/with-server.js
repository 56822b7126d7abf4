#!/usr/bin/env node
// Run a command with TRUNKLINE_URL set to a program that is started for it, or is there already:
//     trunkline-testing node --test
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, startServer } from '../index.js';

const [command, ...words] = process.argv.slice(2);
if (!command || command === '--help' || command === '-h') {
  console.log('usage: trunkline-testing COMMAND [ARGUMENT]...\n'
    + 'runs COMMAND with TRUNKLINE_URL set to a program started for it');
  process.exit(command ? 0 : 2);
}
let server;
try {
  server = process.env.TRUNKLINE_URL ? connect() : await startServer();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const child = spawn(command, words, {
  stdio: 'inherit',
  env: { ...process.env, TRUNKLINE_URL: server.url },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
let code = 1;
try {
  const [exit, signal] = await once(child, 'exit');
  code = signal ? 1 : exit;
} catch (error) {
  console.error(`${command}: ${error.message}`);
}
await server.stop();
process.exit(code);
