import http from 'node:http';
import https from 'node:https';

const TIMEOUT_MS = 75_000; // above the longest wait that a request may ask for

/** The program refused a request, or nobody answers; `status` is 0 then. */
export class RequestRefused extends Error {
  constructor(what, status, error) {
    super(status ? `${what}: ${status} ${error}` : `${what}: ${error}`);
    this.name = 'RequestRefused';
    this.status = status;
    this.error = error;
  }
}

/** JSON over HTTP to one program, by one account or by nobody. */
export class Wire {
  #base;
  #headers = { 'Content-Type': 'application/json' };
  #agent;
  #http;

  constructor(url, login) {
    this.#base = new URL(url);
    this.#http = this.#base.protocol === 'https:' ? https : http;
    this.#agent = new this.#http.Agent({ keepAlive: true });
    if (login) this.#headers.Authorization = login;
  }

  get url() {
    return this.#base.href.replace(/\/$/, '');
  }

  /** Make a request and return its decoded answer, {} for none; rejects with RequestRefused. */
  async ask(method, path, body, query = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const search = given.length ? `?${new URLSearchParams(given)}` : '';
    const what = `${method} ${path}`;
    const [status, content] = await this.#send(method, path + search, body, what);
    let answer;
    try {
      answer = content ? JSON.parse(content) : {};
    } catch {
      answer = { error: content.slice(0, 200) };
    }
    if (status >= 400) throw new RequestRefused(what, status, answer.error ?? content);
    return answer;
  }

  /** Close the connections. */
  close() {
    this.#agent.destroy();
  }

  #send(method, path, body, what) {
    const { hostname, port, pathname } = this.#base;
    const data = body === undefined ? undefined : JSON.stringify(body);
    const headers = { ...this.#headers };
    if (data !== undefined) headers['Content-Length'] = Buffer.byteLength(data);
    const options = {
      method, headers, hostname, port,
      agent: this.#agent,
      path: pathname.replace(/\/$/, '') + path,
      timeout: TIMEOUT_MS,
    };
    return new Promise((resolve, reject) => {
      const fail = (error) => {
        const told = `nothing answers at ${this.url}: ${error.message}`;
        reject(new RequestRefused(what, 0, told));
      };
      const request = this.#http.request(options, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => resolve([response.statusCode, Buffer.concat(chunks).toString()]));
        response.on('error', fail);
      });
      request.on('timeout', () => request.destroy(new Error('it took too long')));
      request.on('error', fail);
      request.end(data);
    });
  }
}
