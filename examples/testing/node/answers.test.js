import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import plivo from 'plivo';
import { connect, newAccount, redirectPlivo } from 'trunkline-testing';
import { DEPARTMENTS, menu, onText, WORDS } from './codes.js';

const server = connect();
const FORMS = { small: (word) => word, big: (word) => word.toUpperCase(), polite: (word) => `${word} please` };

const alone = (name, body) => test(name, async () => {
  const account = await newAccount(server, { name });
  try {
    await body(account);
  } finally {
    await account.close();
  }
});

describe('texts', { concurrency: 4 }, () => {
  for (const word of Object.keys(WORDS)) {
    for (const [form, written] of Object.entries(FORMS)) {
      for (const number of [0, 1, 2]) {
        alone(`${word} (${form}) to number ${number} is answered from there`, async (account) => {
          await account.onMessage(await account.app(({ params }) => onText(plivo, params)));
          const phone = await account.phone();
          await phone.sendSms(account.numbers[number], written(word));
          const { input } = await phone.expectSms();
          assert.equal(input, WORDS[word]);
          assert.equal((await phone.sms())[0].sender, account.numbers[number]);
        });
      }
    }
  }

  for (const text of ['weather', '12', '¿qué?', 'привет', '天気', 'x'.repeat(100), 'y'.repeat(69), 'çà', '🙂']) {
    alone(`nobody understands ${text.slice(0, 9)}`, async (account) => {
      await account.onMessage(await account.app(({ params }) => onText(plivo, params)));
      const phone = await account.phone();
      await phone.reply(text);
      const { input } = await phone.expectSms(/^Sorry/);
      assert.equal(input, `Sorry, nobody understands ${text}.`);
    });
  }

  for (const times of [1, 2, 3, 4, 5]) {
    alone(`${times} questions have ${times} answers`, async (account) => {
      await account.onMessage(await account.app(({ params }) => onText(plivo, params)));
      const phone = await account.phone();
      for (let asked = 0; asked < times; asked += 1) {
        await phone.reply('menu');
        await phone.expectSms(/BALANCE/);
      }
      assert.equal((await phone.sms()).length, times);
    });
  }
});

describe('calls', () => {
  let restore;
  before(() => { restore = redirectPlivo(server); });
  after(() => restore());

  for (const digit of [...Object.keys(DEPARTMENTS), '9']) {
    alone(`a caller who presses ${digit} is connected`, async (account) => {
      let url = '';
      const app = await account.app(({ params }) => menu(plivo, url, params));
      url = app.url;
      await account.onCall(app, await account.app());
      const phone = await account.phone();
      const call = await phone.call(undefined, { digits: digit, digitsAfterS: 0.5 });
      await app.expect({ Digits: digit }, { timeoutMs: 20_000 });
      await call.expect('ended', { timeoutMs: 20_000 });
      assert((await call.details()).sound_s > 0.3);
    });
  }

  alone('a busy phone is told to the hangup URL', async (account) => {
    const phone = await account.phone();
    await account.faults.busy({ to: phone.number });
    const [answer, hangup] = [await account.app('<Response/>'), await account.app()];
    const more = { hangupUrl: hangup.url };
    await account.client(plivo).calls.create(account.number, phone.number, answer.url, more);
    const told = await hangup.expect({}, { timeoutMs: 20_000 });
    assert.equal(told.params.HangupCauseName, 'Busy Line');
    const call = await phone.expectCall();
    assert.equal((await call.details()).sip_status, 486);
  });
});
