import { seconds, TIMEOUT_MS, Unmet, until } from './waiting.js';

const MOST_WAIT_S = 20; // of one request: a server that stops is not held up for longer
const ORDER = ['calling', 'ringing', 'answered', 'ended'];

/** A simulated phone; each message meets one expectation. */
export class Phone {
  #wire;
  #to;
  #account;
  #met = new Set();

  constructor(wire, number, to, account) {
    this.number = number;
    this.#wire = wire;
    this.#to = to;
    this.#account = account;
  }

  /** Every message that came, the oldest first: the last hundred. */
  sms() {
    return this.#inbox();
  }

  /** Wait for a message in which `pattern` is found; resolves to the match. */
  async expectSms(pattern = /^/, { timeoutMs = TIMEOUT_MS } = {}) {
    const wanted = pattern instanceof RegExp ? new RegExp(pattern, plain(pattern.flags)) : RegExp(pattern);
    const end = performance.now() + timeoutMs;
    for (let left = timeoutMs, seen = -1; ; left = end - performance.now()) {
      const wait = Math.min(Math.max(left, 0) / 1000, MOST_WAIT_S);
      const inbox = await this.#inbox({ beyond: seen, wait_s: wait });
      const found = this.#first(inbox, wanted);
      if (found) return found;
      if (left <= 0) throw this.#unmet(inbox, wanted, timeoutMs);
      seen = inbox.length;
    }
  }

  /** Write to one of the account's numbers, and wait until the program has taken it. */
  async sendSms(to, text) {
    await this.#wire.ask('POST', this.#path('messages'), { to, text });
  }

  /** Write to whom the last message came from, or to the account's first number. */
  async reply(text) {
    const last = (await this.#inbox()).at(-1);
    await this.sendSms(last?.sender ?? this.#to, text);
  }

  /** Every call of this phone, the oldest first: the last hundred. */
  async calls() {
    return (await this.#rows()).map((row) => this.#call(row.call_id));
  }

  /** Wait for a call that comes to this phone and was not expected before. */
  async expectCall({ timeoutMs = TIMEOUT_MS } = {}) {
    const isNew = (row) => !row.placed && !this.#met.has(row.call_id);
    const found = await until(async () => (await this.#rows()).find(isNew), timeoutMs);
    if (!found) {
      const calls = JSON.stringify(await this.#rows());
      throw new Unmet(`nobody called ${this.number} in ${seconds(timeoutMs)}; calls: ${calls}`);
    }
    this.#met.add(found.call_id);
    return this.#call(found.call_id);
  }

  /** Dial one of the account's numbers; resolves once it rings, is answered or is refused. */
  async call(to = this.#to, { digits, digitsAfterS, hangUpAfterS, does, soundS, callerName } = {}) {
    const placed = await this.#wire.ask('POST', this.#path('calls'), {
      to, digits, does,
      digits_after_s: digitsAfterS,
      hang_up_after_s: hangUpAfterS,
      sound_s: soundS,
      caller_name: callerName,
    });
    return this.#call(placed.call.call_id);
  }

  #path(page) {
    return `/sim/handsets/${this.number}/${page}`;
  }

  async #inbox(look = {}) {
    const query = { ...look, account: this.#account };
    return (await this.#wire.ask('GET', this.#path('messages'), undefined, query)).messages;
  }

  async #rows() {
    const query = { account: this.#account };
    return (await this.#wire.ask('GET', this.#path('calls'), undefined, query)).calls;
  }

  #call(id) {
    return new Call(id, async () => {
      const found = (await this.#rows()).find((row) => row.call_id === id);
      if (!found) throw new Unmet(`${this.number} has forgotten call ${id}: it keeps a hundred`);
      return found;
    });
  }

  #first(inbox, wanted) {
    for (const one of inbox) {
      const key = JSON.stringify(one);
      const found = wanted.exec(one.text ?? '');
      if (found && !this.#met.has(key)) {
        this.#met.add(key);
        return found;
      }
    }
    return undefined;
  }

  #unmet(inbox, wanted, timeoutMs) {
    const lines = inbox.map((one) => {
      const met = this.#met.has(JSON.stringify(one)) ? ' (met before)' : '';
      return `  from ${one.sender}: ${JSON.stringify(one.text)}${met}`;
    });
    const told = lines.length ? `what came:\n${lines.join('\n')}` : 'none came at all';
    const within = seconds(timeoutMs);
    return new Unmet(`${this.number} got no SMS that matches ${wanted} in ${within}; ${told}`);
  }
}

/** A call as its phone has it. */
export class Call {
  #look;

  constructor(callId, look) {
    this.callId = callId;
    this.#look = look;
  }

  /** All that the program tells of it now: state, sip_status, digits, sound_s, duration_s, … */
  details() {
    return this.#look();
  }

  /** Wait until it has come so far; resolves to the call. */
  async expect(state = 'ended', { timeoutMs = TIMEOUT_MS } = {}) {
    const wanted = ORDER.indexOf(state);
    const found = await until(async () => {
      const now = await this.#look();
      return ORDER.indexOf(now.state) >= wanted ? now : undefined;
    }, timeoutMs);
    if (!found || (state === 'answered' && found.answered_at === null)) {
      const now = JSON.stringify(await this.#look());
      throw new Unmet(`the call was not ${state} in ${seconds(timeoutMs)}: ${now}`);
    }
    return this;
  }

  /** Wait until something was heard for so many seconds. */
  async expectSound(heardS = 0.5, { timeoutMs = TIMEOUT_MS } = {}) {
    const heard = async () => ((await this.#look()).sound_s >= heardS ? true : undefined);
    if (!(await until(heard, timeoutMs))) {
      const now = JSON.stringify(await this.#look());
      throw new Unmet(`${heardS} s were not heard in ${seconds(timeoutMs)}: ${now}`);
    }
  }
}

// A pattern that remembers where it was would miss every other message.
function plain(flags) {
  return flags.replace(/[gy]/g, '');
}
