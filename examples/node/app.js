// Send an SMS and make a call with the official plivo package, and see both to their end.
const http = require('http');
const plivo = require('plivo');

const SENDER = '14155550100';
const RECIPIENT = '14155550123';
const ANSWER = '<Response><Speak>Hello from Plivo XML</Speak><Hangup/></Response>';

async function waitFor(look, what) {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what}: not in time`);
}

async function delivered(client, uuid) {
  const message = await client.messages.get(uuid);
  return message.messageState === 'delivered' ? message : null;
}

async function ended(client, uuid) {
  try {
    return await client.calls.get(uuid);
  } catch (error) {
    if (error.status === 404) return null; // a call has a record once it has ended
    throw error;
  }
}

async function main(answerUrl) {
  const client = new plivo.Client(); // PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN

  const sent = await client.messages.create({ src: SENDER, dst: RECIPIENT, text: 'Hello from Node' });
  const uuid = sent.messageUuid[0];
  const message = await waitFor(() => delivered(client, uuid), 'delivery');
  console.log('message', uuid, message.messageState);

  const listed = await client.messages.list({ limit: 5 });
  if (!listed.some((one) => one.messageUuid === uuid)) throw new Error('the message is not listed');

  const made = await client.calls.create(SENDER, RECIPIENT, answerUrl);
  const call = await waitFor(() => ended(client, made.requestUuid), 'the end of the call');
  console.log('call', call.callUuid, call.callDuration, 's,', call.hangupCauseName);

  const refusal = await client.messages
    .create({ src: SENDER, dst: '12', text: 'Hello' })
    .then(() => null, (error) => error);
  if (!refusal) throw new Error('a number that is too short was accepted');
  console.log('refused:', refusal.message);
}

// Says what is to be done with the call once it is answered.
const server = http.createServer((request, response) => {
  response.setHeader('Content-Type', 'application/xml');
  response.end(ANSWER);
});

server.listen(0, '127.0.0.1', () => {
  main(`http://127.0.0.1:${server.address().port}/answer`)
    .catch((error) => {
      console.error(error);
      process.exitCode = 1;
    })
    .finally(() => {
      server.closeAllConnections();
      server.close();
    });
});
