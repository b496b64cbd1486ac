// Values of the component, of the JSON of plugins/conformance.

import { isDeepStrictEqual } from "node:util";

import { rules } from "./component/lease-lock.js";

export const camel = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
export const has = (value, ...keys) => isDeepStrictEqual(Object.keys(value).sort(), keys);

/** A value of the component, of JSON. */
export function value(told) {
  if (told === null) return undefined;
  if (Array.isArray(told)) return told.map(value);
  if (typeof told !== "object") return told;
  if (has(told, "int")) return BigInt(told.int);
  if (has(told, "snapshot")) return rules.Snapshot.of(value(told.snapshot));
  if (has(told, "tag", "value")) return { tag: told.tag, val: value(told.value) };
  return Object.fromEntries(Object.entries(told).map(([key, each]) => [camel(key), value(each)]));
}
