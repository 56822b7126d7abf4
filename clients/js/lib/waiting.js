import { setTimeout as sleep } from 'node:timers/promises';

export const TIMEOUT_MS = 5_000;
const FIRST_LOOK_MS = 10;
const MOST_LOOK_MS = 100;

/** What was expected did not come in time; the message tells what came instead. */
export class Unmet extends Error {
  constructor(message) {
    super(message);
    this.name = 'Unmet';
  }
}

/** Look until there is something, less and less often; undefined when time is out. */
export async function until(look, timeoutMs) {
  const end = performance.now() + timeoutMs;
  for (let interval = FIRST_LOOK_MS; ; interval = Math.min(interval * 1.5, MOST_LOOK_MS)) {
    const found = await look();
    const left = end - performance.now();
    if (found !== undefined || left <= 0) return found;
    await sleep(Math.min(interval, left));
  }
}

/** Say a time in words for a message. */
export function seconds(ms) {
  return `${ms / 1000} s`;
}
