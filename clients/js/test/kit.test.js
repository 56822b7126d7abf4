import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect, newAccount, NotStarted, RequestRefused, startServer, Unmet } from '../index.js';

let server;
let account;

before(async () => {
  server = connect();
  account = await newAccount(server, { name: 'kit.test.js' });
});
after(() => account.close());

const send = (dst, text, more = {}) =>
  account.ask('POST', 'Message/', { src: account.number, dst, text, ...more });

test('a message comes to a phone, and meets one expectation', async () => {
  const phone = await account.phone();
  await send(phone.number, 'Your code is 4711');
  const [, code] = await phone.expectSms(/code is (\d+)/g);
  assert.equal(code, '4711');
  await assert.rejects(phone.expectSms(/code/, { timeoutMs: 50 }), (error) => {
    assert(error instanceof Unmet);
    assert.match(error.message, /what came:\n {2}from \d+: "Your code is 4711" \(met before\)/);
    return true;
  });
});

test('accounts have numbers and phones of their own', async () => {
  const other = await newAccount(server);
  const phones = await Promise.all(Array.from({ length: 12 }, () => account.phone()));
  const numbers = [...account.numbers, ...other.numbers, ...phones.map((one) => one.number)];
  assert.equal(new Set(numbers).size, 18);
  await other.close();
});

test('on a number that is shared only the account\'s messages are seen', async () => {
  const other = await newAccount(server);
  await send('14155550177', 'mine');
  await other.ask('POST', 'Message/', { src: other.number, dst: '14155550177', text: 'theirs' });
  const phone = await other.phone('14155550177');
  await phone.expectSms(/theirs/);
  assert.deepEqual((await phone.sms()).map((one) => one.text), ['theirs']);
  await other.close();
});

test('a phone writes, the application answers', async () => {
  const app = await account.app(({ params }) =>
    `<Response><Message src="${params.To}" dst="${params.From}">Hello ${params.Text}</Message></Response>`);
  await account.onMessage(app);
  const phone = await account.phone();
  await phone.reply('you');
  await phone.expectSms(/Hello you/);
  assert.equal((await app.expect({ Text: 'you' })).params.From, phone.number);
  const hook = await account.webhooks.last('message.inbound');
  assert.equal(hook.params.Text, 'you');
});

test('callbacks are seen and can be sent again', async () => {
  const app = await account.app();
  const phone = await account.phone();
  const sent = await send(phone.number, 'x', { url: app.url });
  const [uuid] = sent.message_uuid;
  const hook = await account.webhooks.expect({ MessageUUID: uuid, Status: 'delivered' }, { state: 'delivered' });
  await account.webhooks.expect({ MessageUUID: uuid, Status: 'queued' }, { state: 'delivered' });
  await account.webhooks.expect({ MessageUUID: uuid, Status: 'sent' }, { state: 'delivered' });
  assert.equal(app.requests.length, 3);
  const copy = await account.webhooks.replay(hook.id);
  await app.expect({ MessageUUID: uuid, Status: 'delivered' }, { count: 2 });
  assert.equal(app.requests.length, 4);
  const again = (await account.webhooks.all()).at(-1);
  assert.deepEqual([again.id, again.replay_of], [copy, hook.id]);
});

test('faults hold for one destination and so many times', async () => {
  const phone = await account.phone();
  await account.faults.undelivered(30, { to: phone.number, times: 1 });
  const app = await account.app();
  await send(phone.number, 'lost', { url: app.url });
  assert.equal((await app.expect({ Status: 'undelivered' })).params.ErrorCode, '30');
  await send(phone.number, 'found');
  await phone.expectSms(/found/);
  assert.deepEqual((await phone.sms()).map((one) => one.text), ['found']);
  await assert.rejects(account.faults.add('14155550100'), RequestRefused);
  assert.throws(() => account.faults.refused(1000), RangeError);
});

test('what a handler throws is told when the account is closed', async () => {
  const other = await newAccount(server);
  await other.onMessage(await other.app(() => { throw new Error('a mistake'); }));
  await (await other.phone()).reply('hi');
  await other.webhooks.expect({ Text: 'hi' }, { attempts: 1 });
  await assert.rejects(other.close(), /a mistake/);
});

test('the time of a program that others use is not moved', async () => {
  await assert.rejects(account.clock.advance(60), /clock: 'flowing'/);
});

test('a program that is not there is told of', async () => {
  await assert.rejects(startServer({ command: '/nowhere/trunkline' }), NotStarted);
  const wrong = startServer({ command: '/bin/false', snapshot: 'none.tar' });
  await assert.rejects(wrong, /snapshot .*none\.tar was not loaded/);
  await assert.rejects(newAccount(connect('http://127.0.0.1:9')), /nothing answers/);
});
