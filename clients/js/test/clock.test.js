import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newAccount, startServer } from '../index.js';

test('on a program of its own a test moves time', async () => {
  const server = await startServer({ clock: 'flowing' });
  try {
    const account = await newAccount(server);
    const app = await account.app();
    app.fail(503);
    const phone = await account.phone();
    await account.onMessage(app);
    await phone.reply('anybody there?');
    await account.webhooks.expect({ Text: 'anybody there?' }, { attempts: 1 });
    const before = await account.clock.now();
    assert((await account.clock.advance(61)) >= before + 61);
    await account.webhooks.expect({ Text: 'anybody there?' }, { state: 'delivered' });
    assert.equal(app.requests.length, 2);
    await account.close();
  } finally {
    await server.stop();
  }
});
