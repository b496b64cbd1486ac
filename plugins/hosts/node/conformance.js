// The component in Node, beside what the native crate says: node conformance.js DECISIONS HISTORIES

import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

import { rules } from "./component/lease-lock.js";
import { camel, has, value } from "./values.js";

/** What a call comes to: its value, or its error without the words. */
function come(call) {
  try {
    return { ok: plain(call()) };
  } catch (error) {
    if (error.payload === undefined) throw error;
    const { message, ...rest } = error.payload;
    if (!message) throw error;
    return { err: rest };
  }
}

/** Without what is undefined, which JSON has no word for. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  const there = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(there.map(([key, each]) => [key, plain(each)]));
}

function expected(told) {
  const isResult = told !== null && typeof told === "object" && (has(told, "ok") || has(told, "err"));
  return isResult ? plain(value(told)) : plain({ ok: value(told) });
}

function agree(result, told, what) {
  if (!isDeepStrictEqual(plain(result), expected(told))) {
    console.error(result, "is not what is expected:", what, JSON.stringify(told));
    process.exit(1);
  }
}

const [decisions, histories] = process.argv.slice(2).map((path) => readFileSync(path, "utf8"));
const table = JSON.parse(decisions);
for (const { lease, call, args, result } of table.cases) {
  const snapshot = rules.Snapshot.of(value(table.leases[lease]));
  agree(come(() => snapshot[camel(call)](...args.map(value))), result, { lease, call, args });
}
const lives = histories.trim().split("\n").map((line) => JSON.parse(line));
lives.forEach((life, number) => {
  let contender;
  life.forEach(({ call, args, result }, step) => {
    const passed = args.map(value);
    if (call === "create") contender = rules.Contender.create(...passed);
    else agree(come(() => contender[camel(call)](...passed)), result, { number, step, call });
  });
});
console.log(`${table.cases.length} decisions and ${lives.length} histories agree`);
