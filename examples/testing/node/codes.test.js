import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import plivo from 'plivo';
import { connect, newAccount } from 'trunkline-testing';
import { Codes, TEXTS } from './codes.js';

const CODE = /(?<!\d)(\d{6})(?!\d)/;
const server = connect();

/** Give a test an account of its own, and close it at the end. */
const alone = (name, body) => test(name, async () => {
  const account = await newAccount(server, { name });
  try {
    await body(account, new Codes(account.client(plivo), account.number));
  } finally {
    await account.close();
  }
});

describe('codes', { concurrency: 4 }, () => {
  for (const language of Object.keys(TEXTS)) {
    for (const attempt of [1, 2, 3, 4]) {
      alone(`the code that came in ${language} is accepted once (${attempt})`, async (account, codes) => {
        const phone = await account.phone();
        await codes.send(phone.number, language);
        const [, code] = await phone.expectSms(CODE);
        assert(codes.check(phone.number, code));
        assert(!codes.check(phone.number, code));
      });
    }
  }

  for (const guess of ['', '0', 'abcdef', '0000000', '??????']) {
    alone(`a guess is not accepted: ${guess}`, async (account, codes) => {
      const phone = await account.phone();
      await codes.send(phone.number);
      await phone.expectSms(CODE);
      assert(!codes.check(phone.number, guess));
    });
  }

  for (const error of [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 200, 300, 1000]) {
    alone(`who cannot be reached (${error}) gets no second code`, async (account, codes) => {
      const status = await account.app(({ params }) => codes.onStatus(params));
      codes.statusUrl = status.url;
      const phone = await account.phone();
      await account.faults.undelivered(error, { to: phone.number });
      await codes.send(phone.number);
      await account.webhooks.expect({ Status: 'undelivered' }, { state: 'delivered' });
      assert.deepEqual([...codes.unreachable], [[phone.number, String(error)]]);
      await assert.rejects(codes.send(phone.number), /cannot be reached/);
      assert.deepEqual(await phone.sms(), []);
    });
  }

  for (let place = 0; place < 12; place += 1) {
    alone(`nothing of other tests is seen (${place})`, async (account, codes) => {
      const shared = await account.phone('+1 206 555 9901');
      assert.deepEqual(await shared.sms(), []);
      assert.deepEqual(await account.webhooks.all(), []);
      await codes.send(shared.number);
      const [, code] = await shared.expectSms(CODE);
      assert(codes.check(shared.number, code));
      assert.deepEqual((await shared.sms()).map((one) => one.sender), [account.number]);
    });
  }

  alone('each phone has its own code', async (account, codes) => {
    const phones = await Promise.all(Array.from({ length: 6 }, () => account.phone()));
    for (const phone of phones) await codes.send(phone.number);
    for (const phone of phones) {
      const [, code] = await phone.expectSms(CODE);
      assert(codes.check(phone.number, code));
      assert.equal((await phone.sms()).length, 1);
    }
  });
});
