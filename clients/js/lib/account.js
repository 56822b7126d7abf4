import { Apps } from './receiver.js';
import { Phone } from './phone.js';
import { seconds, TIMEOUT_MS, Unmet, until } from './waiting.js';
import { RequestRefused, Wire } from './wire.js';

const MAGIC = '1500555';

/** Open an account that no other test knows, on a program that is there. */
export async function newAccount(server, { name = 'Test', numbers = 3, credit } = {}) {
  const token = process.env.TRUNKLINE_ADMIN_TOKEN;
  const admin = new Wire(server.url, token && `Bearer ${token}`);
  try {
    const made = await admin.ask('POST', '/sim/accounts', { name, numbers, credit });
    return new Account(server.url, made, admin);
  } catch (error) {
    admin.close();
    throw error;
  }
}

/** An account with numbers and phones that no other test has. */
export class Account {
  #admin;
  #api;
  #apps = new Apps();
  #phones;

  constructor(url, made, admin) {
    this.url = url;
    this.authId = made.auth_id;
    this.authToken = made.auth_token;
    this.appId = made.app_id;
    this.numbers = made.numbers;
    this.#phones = made.phones;
    this.#admin = admin;
    const login = Buffer.from(`${made.auth_id}:${made.auth_token}`).toString('base64');
    this.#api = new Wire(url, `Basic ${login}`);
    this.webhooks = new Webhooks(admin, made.auth_id);
    this.faults = new Faults(admin, made.auth_id);
    this.clock = new Clock(admin);
  }

  /** The first of the account's numbers. */
  get number() {
    return this.numbers[0];
  }

  /** What the official SDK takes as its third argument, to ask this program (but for calls). */
  get clientOptions() {
    return { url: `${this.url}/v1/Account/${this.authId}` };
  }

  /** A client of the official SDK: `account.client(plivo)`. */
  client(plivo, options = {}) {
    return new plivo.Client(this.authId, this.authToken, { ...this.clientOptions, ...options });
  }

  /** Ask the API itself; `path` is what follows /v1/Account/{auth_id}/. */
  ask(method, path, body, query) {
    return this.#api.ask(method, `/v1/Account/${this.authId}/${path}`, body, query);
  }

  /** A phone that nobody else has, or of the number given: there only this account's is seen. */
  async phone(number) {
    if (number !== undefined) {
      const digits = number.replace(/\D/g, '');
      return new Phone(this.#admin, digits, this.number, this.authId);
    }
    if (!this.#phones.length) {
      const path = `/sim/accounts/${this.authId}/phones`;
      this.#phones.push(...(await this.#admin.ask('POST', path, { count: 10 })).phones);
    }
    return new Phone(this.#admin, this.#phones.shift(), this.number);
  }

  /** Listen on a URL in this process; see `Handler` in index.d.ts. */
  app(handler) {
    return this.#apps.add(handler);
  }

  /** Send inbound messages to the account's numbers to an app or URL. */
  async onMessage(target) {
    await this.#point({ message_url: target.url ?? target });
  }

  /** Ask an app or URL what to do with calls to the account's numbers. */
  async onCall(target, hangup = target) {
    await this.#point({ answer_url: target.url ?? target, hangup_url: hangup.url ?? hangup });
  }

  /** Stop listening; rejects with what a handler threw. */
  async close() {
    try {
      await this.faults.clear();
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error; // a program that is gone forgot them
    }
    this.#admin.close();
    this.#api.close();
    await this.#apps.close();
  }

  #point(urls) {
    return this.ask('POST', `Application/${this.appId}/`, urls);
  }
}

/** The log of one account's callbacks. */
class Webhooks {
  #wire;
  #account;

  constructor(wire, account) {
    this.#wire = wire;
    this.#account = account;
  }

  /** The last hundred, the oldest first. */
  async all(kind) {
    const query = { account: this.#account, limit: 100, kind };
    const { objects } = await this.#wire.ask('GET', '/admin/webhooks', undefined, query);
    return objects.reverse().map((one) => ({ ...one, params: params(one) }));
  }

  /** The newest; waits for one if there is none yet. */
  async last(kind, { timeoutMs = TIMEOUT_MS } = {}) {
    const look = async () => (await this.all(kind)).at(-1);
    const found = await until(look, timeoutMs);
    if (found === undefined) throw await this.#unmet(kind, 'anything', timeoutMs);
    return found;
  }

  /** Wait for one with these parameters, state and number of attempts: the newest. */
  async expect(wanted = {}, { kind, state, attempts = 0, timeoutMs = TIMEOUT_MS } = {}) {
    const fits = (one) =>
      (state === undefined || one.state === state) &&
      one.attempts >= attempts &&
      Object.entries(wanted).every(([name, value]) => one.params[name] === value);
    const found = await until(async () => (await this.all(kind)).filter(fits).at(-1), timeoutMs);
    if (found === undefined) throw await this.#unmet(kind, JSON.stringify(wanted), timeoutMs);
    return found;
  }

  /** Send one again; resolves to the id of the copy. */
  async replay(id) {
    return (await this.#wire.ask('POST', `/admin/webhooks/${id}/replay`)).id;
  }

  async #unmet(kind, wanted, timeoutMs) {
    const known = await this.all();
    const lines = known.map((one) => `  ${one.kind} ${one.state} ${JSON.stringify(one.params)}`);
    const told = lines.length ? `all webhooks:\n${lines.join('\n')}` : 'there are none at all';
    const of = kind ? ` of kind ${kind}` : '';
    return new Unmet(`no webhook${of} with ${wanted} in ${seconds(timeoutMs)}; ${told}`);
  }
}

function params(one) {
  if (one.encoding === 'json' && one.body) return JSON.parse(one.body);
  return Object.fromEntries(new URLSearchParams(one.body));
}

/** Faults of carriers and phones for one account, for any destination. */
class Faults {
  #wire;
  #path;

  constructor(wire, account) {
    this.#wire = wire;
    this.#path = `/sim/accounts/${account}/faults`;
  }

  /** Treat destinations as the magic one `like`; resolves to the fault's id. */
  async add(like, { kind = 'message', to = '*', times } = {}) {
    return (await this.#wire.ask('POST', this.#path, { like, kind, to, times })).id;
  }

  /** End messages as undelivered with a Plivo error code of 1 to 1000. */
  undelivered(errorCode = 30, options = {}) {
    return this.add(`${MAGIC}2${figure('errorCode', errorCode % 1000)}`, options);
  }

  /** Refuse messages with an SMPP command_status of 1 to 899. */
  refused(commandStatus = 8, options = {}) {
    return this.add(`${MAGIC}3${figure('commandStatus', commandStatus)}`, options);
  }

  /** Let phones be busy. */
  busy(options = {}) {
    return this.add(`${MAGIC}8001`, { ...options, kind: 'call' });
  }

  /** Let phones ring and never be answered. */
  noAnswer(options = {}) {
    return this.add(`${MAGIC}8002`, { ...options, kind: 'call' });
  }

  /** Let answering machines answer. */
  machine(options = {}) {
    return this.add(`${MAGIC}8007`, { ...options, kind: 'call' });
  }

  /** Take one away, or all. */
  async clear(id) {
    await this.#wire.ask('DELETE', id === undefined ? this.#path : `${this.#path}/${id}`);
  }
}

function figure(name, value) {
  if (!Number.isInteger(value) || value < 0 || value > 999) {
    throw new RangeError(`${name} must be a whole number up to 999`);
  }
  return String(value).padStart(3, '0');
}

/** The program's clock; it can be moved when the program was started with `clock: 'flowing'`. */
class Clock {
  #wire;

  constructor(wire) {
    this.#wire = wire;
  }

  /** Seconds since 1970 UTC. */
  async now() {
    return (await this.#wire.ask('GET', '/admin/clock')).now;
  }

  /** Move time on; everybody on that program sees it. Resolves to the new time. */
  async advance(by) {
    try {
      return (await this.#wire.ask('POST', '/admin/clock/advance', { seconds: by })).now;
    } catch (error) {
      if (error.status !== 409) throw error;
      throw new Error(
        "this program's time is the system's: start one with startServer({ clock: 'flowing' })",
        { cause: error },
      );
    }
  }
}
