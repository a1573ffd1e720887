// As many requests as a server answers: raw ones, over connections that stay open.

import { connect } from "node:net";

/** Sends the requests round and round for so many seconds; how many were answered, and how. */
export async function load(endpoint, requests, { connections, seconds }) {
  const { hostname, port } = new URL(endpoint);
  const until = performance.now() + seconds * 1000;
  const took = [];
  const refused = new Map();
  let next = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: connections }, () =>
      converse({ host: hostname, port: Number(port) }, (status, ms) => {
        if (status !== undefined) {
          took.push(ms);
          if (status !== 200) refused.set(status, (refused.get(status) ?? 0) + 1);
        }
        if (performance.now() >= until) return null;
        next += 1;
        return requests[next % requests.length];
      }),
    ),
  );
  const passed = (performance.now() - began) / 1000;
  took.sort((a, b) => a - b);
  const at = (share) => took[Math.min(took.length - 1, Math.floor(took.length * share))];
  return {
    requests: took.length,
    seconds: passed,
    per_second: Math.round(took.length / passed),
    p50_ms: at(0.5),
    p99_ms: at(0.99),
    refused: [...refused.values()].reduce((sum, count) => sum + count, 0),
  };
}

/** One connection: asks `answered` for each next request, until it has none. */
function converse(where, answered) {
  return new Promise((done, fail) => {
    const socket = connect({ ...where, noDelay: true });
    let said = Buffer.alloc(0);
    let sent = 0;
    const go = (status) => {
      const request = answered(status, performance.now() - sent);
      if (request === null) {
        socket.end();
        done();
        return;
      }
      sent = performance.now();
      socket.write(request);
    };
    socket.once("connect", () => go(undefined));
    socket.once("error", fail);
    socket.on("data", (bytes) => {
      said = said.length === 0 ? bytes : Buffer.concat([said, bytes]);
      const head = said.indexOf("\r\n\r\n");
      if (head < 0) return;
      const text = said.toString("latin1", 0, head);
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0);
      if (said.length < head + 4 + length) return;
      said = said.subarray(head + 4 + length);
      go(Number(text.slice(9, 12)));
    });
  });
}
