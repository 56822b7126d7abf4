import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { until } from './waiting.js';

const START_MS = 60_000;
const STOP_MS = 20_000;
const TAIL = 4_000;

const SETTINGS = {
  TRUNKLINE_HTTP: '127.0.0.1:0',
  TRUNKLINE_SIP_UDP: '127.0.0.1:0',
  TRUNKLINE_LOG_FORMAT: 'json',
  TRUNKLINE_LOG_LEVEL: 'warning',
  TRUNKLINE_OWN_PROCESSES: 'false', // one process starts sooner, and tests send little
  TRUNKLINE_DATABASE_SYNCHRONOUS: 'NORMAL', // nothing here outlives the tests
  TRUNKLINE_SIMULATOR_RECEIPT_DELAY_S: '0',
};

/** The program did not start; the message has the end of what it wrote. */
export class NotStarted extends Error {
  constructor(message) {
    super(message);
    this.name = 'NotStarted';
  }
}

/** Where a program answers; one that runs already is not ours to stop. */
export class Server {
  #process;
  #folder;

  constructor(url, process, folder) {
    this.url = url.replace(/\/$/, '');
    this.#process = process;
    this.#folder = folder;
  }

  /** End it and forget its data, if it is ours. */
  async stop() {
    const process = this.#process;
    if (!process) return;
    if (process.exitCode === null && process.signalCode === null) {
      const ended = once(process, 'exit');
      process.kill('SIGTERM');
      const late = setTimeout(() => process.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(late);
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Use a program that runs already: at `url`, or at TRUNKLINE_URL. */
export function connect(url = process.env.TRUNKLINE_URL) {
  if (!url) throw new NotStarted('give the address of a program, or set TRUNKLINE_URL');
  return new Server(url);
}

/**
 * Start `trunkline up` in a folder of its own on free ports, and wait until it serves.
 *
 * It ends with this process. Nothing of the environment's TRUNKLINE_… is taken over. The command
 * is TRUNKLINE_COMMAND, or `trunkline` on the path. `snapshot` is a file of `trunkline snapshot save`.
 */
export async function startServer({ clock = 'system', settings = {}, snapshot, command } = {}) {
  const program = command ?? process.env.TRUNKLINE_COMMAND ?? 'trunkline';
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-tests-'));
  const ready = join(folder, 'ready.json');
  const log = await open(join(folder, 'log'), 'w');
  const env = { ...environment(settings), TRUNKLINE_DATA: join(folder, 'data') };
  if (snapshot) await load(program, resolve(snapshot), env);
  const words = ['up', '--ready-file', ready, '--clock', clock];
  words.push('--stop-with', String(process.pid));
  const child = spawn(program, words, {
    env,
    stdio: ['ignore', log.fd, log.fd],
    detached: true, // Ctrl-C is for the tests, which then stop it in order
  });
  let failure;
  child.on('error', (error) => { failure = error.message; });
  child.on('exit', (code, signal) => { failure ??= `it ended with ${signal ?? code}`; });
  await until(async () => failure ?? (existsSync(ready) || undefined), START_MS);
  await log.close();
  child.unref();
  if (failure === undefined && existsSync(ready)) {
    const { url } = JSON.parse(await readFile(ready, 'utf8'));
    return new Server(url, child, folder);
  }
  child.kill('SIGKILL');
  const written = (await readFile(join(folder, 'log'), 'utf8')).slice(-TAIL);
  await rm(folder, { recursive: true, force: true });
  throw new NotStarted(`${program} did not start: ${failure ?? 'it took too long'}\n${written}`);
}

async function load(program, snapshot, env) {
  try {
    await promisify(execFile)(program, ['snapshot', 'load', snapshot], { env });
  } catch (error) {
    throw new NotStarted(`the snapshot ${snapshot} was not loaded: ${error.stderr || error.message}`);
  }
}

function environment(settings) {
  const given = Object.entries(process.env).filter(([name]) => !name.startsWith('TRUNKLINE_'));
  const { PYTHONDONTWRITEBYTECODE: forbidden, ...kept } = Object.fromEntries(given);
  // Where compiled modules may not be kept, each start would compile a thousand of them anew.
  if (forbidden) {
    const cache = kept.XDG_CACHE_HOME || join(homedir(), '.cache');
    kept.PYTHONPYCACHEPREFIX ??= join(cache, 'trunkline-tests', 'pycache');
  }
  return { ...kept, ...SETTINGS, ...settings };
}
