// What a decision takes in Node, in microseconds, and how long it takes to be ready, in milliseconds, as
// JSON: node measure.mjs DECISIONS.

import { readFileSync } from "node:fs";

const begun = performance.now();
const { rules } = await import("../../plugins/hosts/node/component/lease-lock.js");
const ready = performance.now() - begun;
const { value } = await import("../../plugins/hosts/node/values.js");

function perCall(call, times = 2000) {
  const samples = [];
  for (let sample = 0; sample < 9; sample += 1) {
    const begun = performance.now();
    for (let count = 0; count < times; count += 1) call();
    samples.push(((performance.now() - begun) * 1000) / times);
  }
  return Number(samples.sort((a, b) => a - b)[4].toFixed(2));
}

const table = JSON.parse(readFileSync(process.argv[2], "utf8"));
const first = table.cases.find(({ call }) => call === "judge");
const lease = value(table.leases[first.lease]);
const look = value(first.args[0]);
const snapshot = rules.Snapshot.of(lease);
console.log(JSON.stringify({
  "decision-us": perCall(() => snapshot.judge(look)),
  "read-us": perCall(() => rules.Snapshot.of(lease)[Symbol.dispose]()),
  "ready-ms": Number(ready.toFixed(1)),
}));
