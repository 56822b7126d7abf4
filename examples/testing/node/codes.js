/** One-time codes by SMS, answers to texts, and a phone menu. */
import { randomInt, timingSafeEqual } from 'node:crypto';

export const TEXTS = {
  en: (code) => `Your code is ${code}. Do not share it.`,
  es: (code) => `Su código es ${code}. No lo comparta.`,
  pl: (code) => `Twój kod to ${code}. Nie podawaj go nikomu.`,
  ar: (code) => `رمزك هو ${code}`,
  ko: (code) => `코드는 ${code} 입니다.`,
  emoji: (code) => `🔑 ${code}`,
};

export const WORDS = {
  menu: 'Write BALANCE or HOURS.',
  balance: 'You have 12.50 dollars.',
  hours: 'We are here from 9 to 5.',
};

export const DEPARTMENTS = { 1: 'sales', 2: 'support' };

/** Sends codes from one number by a client of the Plivo SDK. */
export class Codes {
  #codes = new Map();

  constructor(client, sender, statusUrl) {
    this.client = client;
    this.sender = sender;
    this.statusUrl = statusUrl;
    this.unreachable = new Map();
  }

  /** Send a new code; the old one holds no longer. */
  async send(phone, language = 'en') {
    if (this.unreachable.has(phone)) throw new Error(`${phone} cannot be reached`);
    const code = String(randomInt(1_000_000)).padStart(6, '0');
    this.#codes.set(phone, code);
    const more = this.statusUrl ? { url: this.statusUrl } : {};
    return this.client.messages.create(this.sender, phone, TEXTS[language](code), more);
  }

  /** Tell whether that is the phone's code; it holds once. */
  check(phone, given) {
    const code = this.#codes.get(phone) ?? '';
    const same = code.length > 0 && given.length === code.length
      && timingSafeEqual(Buffer.from(code), Buffer.from(given));
    if (same) this.#codes.delete(phone);
    return same;
  }

  /** Take note of a delivery report. */
  onStatus({ Status, To, ErrorCode }) {
    if (['undelivered', 'failed'].includes(Status)) this.unreachable.set(To, ErrorCode);
  }
}

/** Answer a text message by its first word. */
export function onText(plivo, { Text, From, To }) {
  const word = Text.trim().toLowerCase().split(' ')[0];
  const response = plivo.Response();
  response.addMessage(WORDS[word] ?? `Sorry, nobody understands ${word}.`, { src: To, dst: From });
  return response;
}

/** A phone menu at one URL: ask for a department, or confirm it. */
export function menu(plivo, url, { Digits }) {
  const response = plivo.Response();
  if (Digits === undefined) {
    const ask = response.addGetInput({ action: url, method: 'POST', inputType: 'dtmf', numDigits: 1 });
    ask.addSpeak('Press 1 for sales, 2 for support.');
  } else {
    response.addSpeak(`You are connected to ${DEPARTMENTS[Digits] ?? 'nobody'}.`);
    response.addHangup();
  }
  return response;
}
