// A policy of kubectl lease: who steals or breaks a lock has to say who looked at it too, one of the
// people in its settings and not themself: --reason 'OPS-4711, with bob'.

import { write } from "lease:policy/log@0.1.0";

const VERBS = ["steal", "force-release"];

let people = [];

/** An error about settings: which field, and its rule. */
const invalid = (field, rule) => ({ code: "invalid-settings", message: `${field}: ${rule}` });

/** Whom a reason names after "with", in small letters. */
function companions(reason) {
  const named = reason.matchAll(/\bwith\s+@?(\S+)/gi);
  return [...named].map(([, name]) => name.replace(/[.,:;!?)]+$/, "").toLowerCase());
}

export const policy = {
  describe() {
    return {
      name: "pair-of-eyes",
      version: "0.1.0",
      summary: "Who steals or breaks a lock has to say who looked at it too",
      verbs: VERBS,
      wantsHolder: false,
      exampleSettings: JSON.stringify({ people: ["alice", "bob", "carol"] }),
    };
  },

  configure(text) {
    let settings;
    try {
      settings = JSON.parse(text);
    } catch (error) {
      throw invalid("settings", `they are no JSON: ${error.message}`);
    }
    for (const field of Object.keys(settings)) {
      if (field !== "people") {
        throw invalid(field, "there is no such field; there is people");
      }
    }
    if (settings.people === undefined) {
      throw invalid("people", 'it is missing: write the names of those who may look, as ["alice", "bob"]');
    }
    const areNames =
      Array.isArray(settings.people) &&
      settings.people.every((name) => typeof name === "string" && name !== "");
    if (!areNames) {
      throw invalid("people", 'it is no list of names: write it as ["alice", "bob"]');
    }
    people = [...new Set(settings.people.map((name) => name.toLowerCase()))];
    if (people.length < 2) {
      throw invalid("people", "one cannot be a pair: write at least two names");
    }
  },

  review({ verb, user, reason, lock }) {
    if (!VERBS.includes(verb)) {
      return { tag: "abstain" };
    }
    const others = people.filter((name) => name !== user?.toLowerCase());
    const looked = companions(reason ?? "").filter((name) => others.includes(name));
    if (looked.length > 0) {
      write("info", `${looked.join(", ")} looked at it too`);
      return { tag: "allow" };
    }
    const what = `${verb} of ${lock.namespace}/${lock.name}`;
    const example = `--reason 'INC-1, with ${others[0]}'`;
    const message = `${what} needs a second pair of eyes: say who looked at it too, such as ${example}`;
    return { tag: "deny", val: { code: "nobody-else-looked", message } };
  },
};
