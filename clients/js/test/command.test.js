import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const COMMAND = fileURLToPath(new URL('../bin/with-server.js', import.meta.url));
const run = (...words) => spawnSync(process.execPath, [COMMAND, ...words], { encoding: 'utf8' });

test('a command finds the program, and its exit code is passed on', () => {
  const asks = `fetch(process.env.TRUNKLINE_URL + '/admin/clock').then((a) => process.exit(a.ok ? 7 : 1))`;
  assert.equal(run(process.execPath, '-e', asks).status, 7);
});

test('what cannot be run is told', () => {
  const { status, stderr } = run('/nowhere/tests');
  assert.equal(status, 1);
  assert.match(stderr, /nowhere/);
  assert.equal(run().status, 2);
  assert.match(run('--help').stdout, /^usage: trunkline-testing/);
});
