import http from 'node:http';
import https from 'node:https';

/**
 * Send what this process asks of *.plivo.com to a program of ours; returns what ends that.
 *
 * For the official SDK's calls, conferences and recordings: their address cannot be set. Only this
 * process is touched, and only these hosts; the account is told by the credentials as always.
 */
export function redirectPlivo(server) {
  const to = new URL(server.url ?? server);
  const request = https.request;
  https.request = function redirected(...given) {
    const rest = typeof given.at(-1) === 'function' ? [given.pop()] : [];
    const url = typeof given[0] === 'string' || given[0] instanceof URL ? new URL(given[0]) : null;
    const options = { ...(url ? parts(url) : {}), ...(url ? given[1] : given[0]) };
    const host = options.hostname ?? options.host ?? '';
    if (!/(^|\.)plivo\.com$/.test(host)) return request.call(this, ...given, ...rest);
    const { agent, agents, port, protocol, servername, ...kept } = options;
    const there = { protocol: 'http:', host: to.hostname, hostname: to.hostname, port: to.port };
    return http.request({ ...kept, ...there, headers: hosted(kept.headers, to) }, ...rest);
  };
  return () => { https.request = request; };
}

function parts(url) {
  return { protocol: url.protocol, hostname: url.hostname, path: url.pathname + url.search };
}

function hosted(headers, to) {
  const kept = Object.entries(headers ?? {}).filter(([name]) => name.toLowerCase() !== 'host');
  return { ...Object.fromEntries(kept), Host: to.host };
}
