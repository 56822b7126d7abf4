import { createServer } from 'node:http';
import { once } from 'node:events';
import { seconds, TIMEOUT_MS, Unmet, until } from './waiting.js';

const MOST_BODY = 8 << 20;

/** One URL and what came to it. */
class App {
  #handler;
  #failures = [];

  constructor(url, handler) {
    this.url = url;
    this.requests = [];
    this.#handler = handler;
  }

  /** Answer the next requests with that status and nothing else. */
  fail(status = 503, times = 1) {
    this.#failures.push(...Array(times).fill(status));
  }

  /** Wait for a request with these parameters, or for so many; resolves to the last of them. */
  async expect(wanted = {}, { count = 1, timeoutMs = TIMEOUT_MS } = {}) {
    const fits = (one) => Object.entries(wanted).every(([name, value]) => one.params[name] === value);
    const found = await until(async () => this.requests.filter(fits)[count - 1], timeoutMs);
    if (found) return found;
    const lines = this.requests.map((one) => `  ${one.method} ${JSON.stringify(one.params)}`);
    const told = lines.length ? `what came:\n${lines.join('\n')}` : 'none came at all';
    const asked = JSON.stringify(wanted);
    throw new Unmet(`${count > 1 ? `not ${count} requests` : 'no request'} with ${asked} came to ${this.url} in ${seconds(timeoutMs)}; ${told}`);
  }

  /** Note a request and say what it is answered. */
  async answer(request) {
    this.requests.push(request);
    if (this.#failures.length) return this.#failures.shift();
    return typeof this.#handler === 'function' ? this.#handler(request) : this.#handler;
  }
}

/** The URLs of one test on one server, which listens from the start of the first. */
export class Apps {
  #apps = new Map();
  #server;
  #errors = [];

  /** Listen on a further URL; resolves to its App. */
  async add(handler) {
    this.#server ??= createServer((request, response) => this.#serve(request, response));
    if (!this.#server.listening) {
      this.#server.listen(0, '127.0.0.1');
      await once(this.#server, 'listening');
    }
    const path = `/${this.#apps.size + 1}`;
    const app = new App(`http://127.0.0.1:${this.#server.address().port}${path}`, handler);
    this.#apps.set(path, app);
    return app;
  }

  /** Stop listening; rejects with the first error of a handler. */
  async close() {
    if (this.#server) {
      this.#server.close();
      this.#server.closeAllConnections();
      this.#server = undefined;
    }
    if (this.#errors.length) throw this.#errors[0];
  }

  async #serve(request, response) {
    let status, type, body;
    try {
      [status, type, body] = encoded(await this.#answer(request));
    } catch (error) {
      this.#errors.push(error);
      [status, type, body] = [500, 'text/plain', String(error)];
    }
    response.writeHead(status, { 'Content-Type': type });
    response.end(body);
  }

  async #answer(request) {
    const chunks = [];
    let size = 0;
    for await (const chunk of request) {
      size += chunk.length;
      if (size > MOST_BODY) return 413;
      chunks.push(chunk);
    }
    const url = new URL(request.url, 'http://localhost');
    const app = this.#apps.get(url.pathname);
    if (!app) return 404;
    const body = Buffer.concat(chunks);
    const sent = decoded(request.headers['content-type'] ?? '', body.toString());
    return app.answer({
      method: request.method,
      path: url.pathname,
      params: { ...Object.fromEntries(url.searchParams), ...sent },
      headers: request.headers,
      body,
    });
  }
}

function decoded(type, text) {
  if (!type.startsWith('application/json')) return Object.fromEntries(new URLSearchParams(text));
  try {
    const found = JSON.parse(text);
    return found !== null && typeof found === 'object' ? found : {};
  } catch {
    return {};
  }
}

function encoded(answer) {
  if (Array.isArray(answer)) return [answer[0], ...encoded(answer[1]).slice(1)];
  if (typeof answer === 'number') return [answer, 'text/plain', ''];
  if (answer === undefined || answer === null) return [200, 'text/plain', ''];
  if (Buffer.isBuffer(answer)) return [200, 'application/octet-stream', answer];
  if (typeof answer === 'object' && typeof answer.toXML !== 'function') {
    return [200, 'application/json', JSON.stringify(answer)];
  }
  const text = typeof answer === 'string' ? answer : answer.toXML();
  const kind = text.trimStart().startsWith('<') ? 'text/xml' : 'text/plain';
  return [200, `${kind}; charset=utf-8`, text];
}
