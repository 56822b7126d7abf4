/** Settings of the program, as in docs/settings.toml: `{ TRUNKLINE_COUNTRIES: 'US' }`. */
export type Settings = Record<string, string>;

export class NotStarted extends Error {}
/** What was expected did not come in time; the message tells what came instead. */
export class Unmet extends Error {}
/** The program refused a request, or nobody answers; `status` is 0 then. */
export class RequestRefused extends Error {
  readonly status: number;
  readonly error: string;
}

export interface Waiting { timeoutMs?: number }

export class Server {
  readonly url: string;
  /** End it and forget its data, if it was started here. */
  stop(): Promise<void>;
}

/** Use a program that runs already: at `url`, or at TRUNKLINE_URL. */
export function connect(url?: string): Server;
/** Start `trunkline up` on free ports, with data of its own; it ends with this process. */
export function startServer(options?: {
  /** flowing: time goes by itself and can be moved on; controlled: it stands still. */
  clock?: 'system' | 'flowing' | 'controlled';
  settings?: Settings;
  /** A file of `trunkline snapshot save` to begin with. */
  snapshot?: string;
  /** The command; TRUNKLINE_COMMAND or `trunkline` if not given. */
  command?: string;
}): Promise<Server>;
/** Open an account that no other test knows; `credit` is in US dollars. */
export function newAccount(
  server: { url: string },
  options?: { name?: string; numbers?: number; credit?: string },
): Promise<Account>;
/** Send what this process asks of *.plivo.com to a program; returns what ends that. */
export function redirectPlivo(server: { url: string } | string): () => void;

export interface Received {
  method: string;
  path: string;
  /** Query and form (or JSON) together. */
  params: Record<string, string>;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}
type Content = string | number | Buffer | { toXML(): string } | object | null | undefined | void;
/** Text (XML if it begins with <), a status alone, JSON of an object, or [status, any of these]. */
export type Answer = Content | [number, Content];
export type Handler = Answer | ((request: Received) => Answer | Promise<Answer>);

export interface App {
  readonly url: string;
  readonly requests: Received[];
  /** Answer the next requests with that status and nothing else. */
  fail(status?: number, times?: number): void;
  /** Wait for a request with these parameters, or for `count` of them; the last of those. */
  expect(
    params?: Record<string, string>,
    options?: Waiting & { count?: number },
  ): Promise<Received>;
}

export interface Webhook {
  id: number;
  /** message.status, message.inbound, voice.hangup, api.async, … */
  kind: string;
  url: string;
  method: string;
  state: 'waiting' | 'delivered' | 'failed';
  attempts: number;
  params: Record<string, string>;
}
export interface Webhooks {
  all(kind?: string): Promise<Webhook[]>;
  last(kind?: string, options?: Waiting): Promise<Webhook>;
  expect(
    params?: Record<string, string>,
    options?: Waiting & { kind?: string; state?: Webhook['state']; attempts?: number },
  ): Promise<Webhook>;
  replay(id: number): Promise<number>;
}

export interface FaultOptions {
  /** A phone number; any if not given. */
  to?: string;
  /** How often it holds; until `clear` if not given. */
  times?: number;
}
export interface Faults {
  add(like: string, options?: FaultOptions & { kind?: 'message' | 'call' }): Promise<number>;
  undelivered(errorCode?: number, options?: FaultOptions): Promise<number>;
  refused(commandStatus?: number, options?: FaultOptions): Promise<number>;
  busy(options?: FaultOptions): Promise<number>;
  noAnswer(options?: FaultOptions): Promise<number>;
  machine(options?: FaultOptions): Promise<number>;
  clear(id?: number): Promise<void>;
}

export interface Clock {
  /** Seconds since 1970 UTC. */
  now(): Promise<number>;
  /** Only on a program started with `clock: 'flowing'` or 'controlled'. */
  advance(seconds: number): Promise<number>;
}

export interface Sms {
  sender: string;
  recipient: string;
  text: string | null;
  at: number;
  parts?: number;
}
export interface CallDetails {
  call_id: string;
  number: string;
  other: string;
  placed: boolean;
  state: 'calling' | 'ringing' | 'answered' | 'ended';
  sip_status: number;
  answered_at: number | null;
  duration_s: number;
  ended_by: string;
  digits: string;
  sound_s: number;
}
export class Call {
  readonly callId: string;
  details(): Promise<CallDetails>;
  expect(state?: CallDetails['state'], options?: Waiting): Promise<Call>;
  expectSound(seconds?: number, options?: Waiting): Promise<void>;
}
export class Phone {
  readonly number: string;
  sms(): Promise<Sms[]>;
  expectSms(pattern?: RegExp | string, options?: Waiting): Promise<RegExpExecArray>;
  sendSms(to: string, text: string): Promise<void>;
  reply(text: string): Promise<void>;
  calls(): Promise<Call[]>;
  expectCall(options?: Waiting): Promise<Call>;
  call(to?: string, options?: {
    digits?: string;
    digitsAfterS?: number;
    hangUpAfterS?: number;
    does?: 'listen' | 'greet' | 'speak' | 'echo' | 'machine' | 'talk' | 'mute';
    soundS?: number;
    callerName?: string;
  }): Promise<Call>;
}

export class Account {
  readonly url: string;
  readonly authId: string;
  readonly authToken: string;
  readonly appId: string;
  readonly numbers: string[];
  readonly number: string;
  readonly webhooks: Webhooks;
  readonly faults: Faults;
  readonly clock: Clock;
  /** The third argument of the official SDK's Client. */
  readonly clientOptions: { url: string };
  /** A client of the official SDK: `account.client(plivo)`. */
  client<T>(
    plivo: { Client: new (id: string, token: string, options: object) => T },
    options?: object,
  ): T;
  ask(method: string, path: string, body?: object, query?: Record<string, string>): Promise<any>;
  /** A phone nobody else has, or of the number given: there only this account's is seen. */
  phone(number?: string): Promise<Phone>;
  app(handler?: Handler): Promise<App>;
  onMessage(target: App | string): Promise<void>;
  onCall(target: App | string, hangup?: App | string): Promise<void>;
  /** Stop listening; rejects with the first error that a handler threw. */
  close(): Promise<void>;
}
