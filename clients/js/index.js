/** Tests of programs that use the Plivo API, against a running Trunkline; see README.md. */
export { Unmet } from './lib/waiting.js';
export { RequestRefused } from './lib/wire.js';
export { startServer, connect, NotStarted, Server } from './lib/server.js';
export { newAccount, Account } from './lib/account.js';
export { Phone, Call } from './lib/phone.js';
export { redirectPlivo } from './lib/redirect.js';
