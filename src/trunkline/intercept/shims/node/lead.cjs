// Leads connections of this Node program to Plivo's hosts to Trunkline; set by `trunkline run`.
// Everything that connects (https, fetch, http2, axios, ws) ends in net.Socket's connect. Trust is
// Node's own: NODE_EXTRA_CA_CERTS.
'use strict';

const net = require('net');

const port = Number(process.env.TRUNKLINE_INTERCEPT_PORT || 0);
const isPlivo = (host) => typeof host === 'string' && /(^|\.)plivo\.com\.?$/i.test(host);
const led = (options) =>
  options && isPlivo(options.host || options.hostname)
    ? { ...options, host: '127.0.0.1', hostname: '127.0.0.1', port, lookup: undefined }
    : options;

if (port) {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...args) {
    const [first, second] = args;
    if (Array.isArray(first)) {
      first[0] = led(first[0]); // net.connect has put its arguments in order
    } else if (typeof first === 'object' && first !== null) {
      args[0] = led(first);
    } else if (isPlivo(second)) {
      args[0] = port;
      args[1] = '127.0.0.1';
    }
    return connect.apply(this, args);
  };
}
