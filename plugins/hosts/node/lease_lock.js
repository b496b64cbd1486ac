// A lock on a Kubernetes Lease, by the rules of the component lease:lock.
//
//     const held = await new Lock(Cluster.inCluster(), "payments", "nightly").acquire();
//     try {
//       for (const item of work) { held.check(); await run(item, held.token); }
//     } finally {
//       await held.release();
//     }

import { randomBytes, randomUUID } from "node:crypto";
import { hostname, uptime } from "node:os";

import { rules } from "./component/lease-lock.js";
import { formatTime, leases, parseTime, send, watch } from "./kubernetes_lease.js";

const { Contender, Snapshot } = rules;
const SECOND = 1_000_000_000n;
const LOCK_INFO = "app.terraform.io/lock-info";
/** How many states of a lock are kept for a write that may replace one. */
const HEARD = 8;
const FIELDS = [
  ["holderIdentity", "holderIdentity"], ["leaseDurationSeconds", "leaseDurationSeconds"],
  ["acquireTime", "acquireTime"], ["renewTime", "renewTime"],
  ["leaseTransitions", "leaseTransitions"], ["strategy", "strategy"],
  ["preferredHolder", "preferredHolder"],
];

const sinceBoot = () => BigInt(Math.round(uptime() * 1000)) * 1_000_000n;
const start = sinceBoot() - process.hrtime.bigint();
let suspended = 0n;

/** The local clock. Node's stops while a machine sleeps, the system's time since boot does not. */
export function now() {
  const monotonic = process.hrtime.bigint();
  const behind = sinceBoot() - monotonic - start;
  // Never back again. What is read too high by some milliseconds is lost too early by as much.
  if (behind > suspended) suspended = behind;
  return monotonic + suspended;
}

function wall() {
  const millis = Date.now();
  return { seconds: BigInt(Math.floor(millis / 1000)), nanoseconds: (millis % 1000) * 1_000_000 };
}

const nanos = (seconds) => BigInt(Math.round(seconds * 1e9));
const entries = (map) => Object.entries(map ?? {}).map(([key, value]) => ({ key, value }));

/** A Lease as the API server sent it, in the terms of the contract. */
export function leaseRecord({ metadata, spec }) {
  const fields = Object.fromEntries(FIELDS.map(([name, key]) => [name, spec?.[key] ?? undefined]));
  fields.acquireTime = parseTime(fields.acquireTime);
  fields.renewTime = parseTime(fields.renewTime);
  let terraformLockId;
  try {
    terraformLockId = JSON.parse(metadata.annotations[LOCK_INFO]).ID;
  } catch {
    // It is not Terraform's.
  }
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    version: { uid: metadata.uid, resourceVersion: metadata.resourceVersion },
    labels: entries(metadata.labels),
    annotations: entries(metadata.annotations),
    owners: (metadata.ownerReferences ?? []).map(({ apiVersion = "", kind = "", name = "", uid = "" }) => ({
      apiVersion, kind, name, uid,
    })),
    managedFields: (metadata.managedFields ?? []).map(({ time, fieldsV1 }) => {
      const owned = fieldsV1?.["f:spec"] ?? {};
      const owns = FIELDS.slice(0, 5).map(([name, key]) => [name, `f:${key}` in owned]);
      return { time: parseTime(time), ...Object.fromEntries(owns) };
    }),
    terraformLockId,
    spec: fields,
  };
}

/** The object of a write: of what was read, only what the write names is changed. */
function written(write, before, namespace) {
  const lease = before ? structuredClone(before) : {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: {
      namespace,
      name: write.name,
      labels: Object.fromEntries(write.labels.map(({ key, value }) => [key, value])),
      ownerReferences: write.owners,
    },
  };
  const { metadata } = lease;
  if (before) {
    delete metadata.managedFields;
    Object.assign(metadata, write.version);
  }
  metadata.annotations ??= {};
  for (const { key, value } of write.annotations) {
    if (value === undefined) delete metadata.annotations[key];
    else metadata.annotations[key] = value;
  }
  lease.spec ??= {};
  for (const [name, key] of FIELDS) {
    const value = write.spec[name];
    if (value === undefined) delete lease.spec[key];
    else lease.spec[key] = typeof value === "object" ? formatTime(value) : value;
  }
  return lease;
}

/** The attempt came to nothing. */
export class NotAcquired extends Error {}
/** The lock is not held any more. */
export class Lost extends Error {}

/** A lock that can be acquired, again and again. */
export class Lock {
  constructor(cluster, namespace, name, options = {}) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.name = name;
    Object.assign(this, { identity: hostname(), lease: 15, deadline: 10, retry: 2 }, options);
  }

  /** Waits in line for the lock, for so many seconds at most, and holds it until it is released. */
  acquire(within = undefined) {
    return new Attempt(this, within).decided;
  }
}

/** A lock that is held. */
class Held {
  #attempt;

  constructor(attempt) {
    this.#attempt = attempt;
    this.identity = attempt.identity;
    this.token = attempt.token;
  }

  /** Whether the work may go on: by the clock, so a process that was stopped sees it too. */
  isHeld() {
    const { until } = this.#attempt;
    return until !== undefined && now() < until;
  }

  check() {
    if (!this.isHeld()) throw new Lost(this.#attempt.reason ?? "not renewed in time");
  }

  /** Whether somebody waits for the lock to be given back. */
  releaseAsked() {
    return this.#attempt.asked;
  }

  /** Gives the lock back. The work must have ended. */
  async release() {
    this.#attempt.resign();
    await this.#attempt.ended;
  }
}

/** Drives one contender: one request at a time, a watch, and the time. */
class Attempt {
  constructor(lock, within) {
    this.lock = lock;
    // Unique by construction: two contenders of one process are two.
    this.identity = `${lock.identity}_${randomUUID()}`;
    this.agent = lock.cluster.agent();
    this.heard = new Map();
    this.stopped = new AbortController();
    this.contender = Contender.create({
      namespace: lock.namespace,
      name: lock.name,
      claim: {
        identity: this.identity,
        number: randomBytes(8).readBigUInt64LE(),
        attends: true,
        leaseDuration: nanos(lock.lease),
      },
      renewDeadline: nanos(lock.deadline),
      retryPeriod: nanos(lock.retry),
      patience: within === undefined ? { tag: "endless" } : { tag: "until", val: now() + nanos(within) },
      readsEvery: undefined,
    });
    this.decided = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
    this.ended = this.drive().finally(() => this.end());
    this.ended.catch((error) => this.reject(error));
    this.watch();
  }

  async drive() {
    for (;;) {
      this.tell();
      if (this.contender.hasEnded()) return;
      const request = this.contender.pollRequest(now(), wall());
      this.tell();
      if (request !== undefined) {
        const answer = this.send(request);
        // While it is under way the lock may be lost, and be seen to change.
        const look = setInterval(() => {
          this.contender.pollRequest(now(), wall());
          this.tell();
        }, 250);
        const outcome = await answer.finally(() => clearInterval(look));
        this.contender.answered(outcome, now());
      } else if (!this.contender.hasEnded()) {
        await this.sleep();
      }
    }
  }

  /** Takes in what the contender tells, and how long the lock is held. */
  tell() {
    for (let event; (event = this.contender.pollEvent()) !== undefined; ) {
      if (event.code === "acquired") this.token = event.token;
      else if (event.code === "release-asked") this.asked = true;
      else if (event.code === "lost" || event.code === "not-acquired") {
        this.reason = `${event.code}: ${event.reason}`;
        this.resign();
      }
    }
    this.until = this.resigned ? undefined : this.contender.heldUntil(now());
    if (this.token) this.resolve(new Held(this));
    else if (this.reason) this.reject(new NotAcquired(this.reason));
  }

  resign() {
    this.until = undefined;
    if (!this.resigned) this.contender.resign({ tag: "queue" }, now());
    this.resigned = true;
    this.wake?.();
  }

  /** Until there is something to do. */
  async sleep() {
    const at = this.contender.pollTimeout(now());
    // Timers stop while a machine sleeps: whoever holds looks often.
    const millis = at === undefined ? 250 : Math.min(250, Number((at - now()) / 1_000_000n));
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, millis));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = undefined;
  }

  /** Keeps what was read, for a write that may replace it. */
  see(lease) {
    const version = lease.metadata.resourceVersion;
    this.heard.delete(version);
    this.heard.set(version, lease);
    if (this.heard.size > HEARD) this.heard.delete(this.heard.keys().next().value);
    return Snapshot.of(leaseRecord(lease));
  }

  /** Carries a request to the API server, once, and returns what became of it. */
  async send({ tag, val }) {
    const { cluster, namespace, deadline } = this.lock;
    const all = leases(namespace);
    // Half of the deadline, so that there is a second try.
    const ask = (...request) => send(cluster, this.agent, deadline * 500, ...request);
    if (tag === "get") return this.outcome(tag, await ask("GET", `${all}/${val.name}`));
    if (tag === "list") {
      const query = new URLSearchParams({ labelSelector: val.labelSelector });
      return this.outcome(tag, await ask("GET", `${all}?${query}`));
    }
    if (tag === "delete") {
      const { uid, resourceVersion } = val;
      const options = { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid, resourceVersion } };
      return this.outcome(tag, await ask("DELETE", `${all}/${val.name}`, options));
    }
    if (val.version === undefined) {
      return this.outcome(tag, await ask("POST", all, written(val, undefined, namespace)));
    }
    const before = this.heard.get(val.version.resourceVersion);
    if (before === undefined) return { tag: "conflict" };
    return this.outcome(tag, await ask("PUT", `${all}/${val.name}`, written(val, before, namespace)));
  }

  outcome(tag, { status, date, object, sent }) {
    if (status === undefined) return { tag: sent ? "unknown" : "not-sent" };
    if (status >= 200 && status < 300) {
      if (tag === "delete") return { tag: "deleted" };
      if (tag === "list") {
        const kept = object.items.map((lease) => Snapshot.of(leaseRecord(lease)));
        return { tag: "listed", val: { leases: kept } };
      }
      return { tag: "landed", val: { lease: this.see(object), date } };
    }
    const known = { 401: "not-sent", 403: "denied", 404: "absent", 409: "conflict", 429: "not-sent" };
    return { tag: known[status] ?? (status < 500 ? "rejected" : "unknown") };
  }

  /** Passes on each state of the lock that the server tells of. */
  async watch() {
    const { cluster, namespace, name, lease, retry } = this.lock;
    while (!this.stopped.signal.aborted) {
      // One that goes on for long is opened anew: it may be dead.
      const seconds = String(Math.ceil(lease));
      const query = new URLSearchParams({
        watch: "1", fieldSelector: `metadata.name=${name}`, timeoutSeconds: seconds,
      });
      const end = AbortSignal.any([this.stopped.signal, AbortSignal.timeout((lease + 5) * 1000)]);
      try {
        for await (const { type, object } of watch(cluster, `${leases(namespace)}?${query}`, end)) {
          if (this.stopped.signal.aborted) return;
          if (type === "ADDED" || type === "MODIFIED") this.contender.observe(this.see(object), now());
          else if (type === "DELETED") this.contender.observe(undefined, now());
          this.wake?.();
        }
      } catch {
        await new Promise((resolve) => setTimeout(resolve, Math.min(1, retry) * 1000));
      }
      if (this.stopped.signal.aborted) return;
      this.contender.suspect();
      this.wake?.();
    }
  }

  end() {
    // A driver that ends for whatever reason does not keep the lock.
    this.until = undefined;
    this.resigned = true;
    this.stopped.abort();
    this.agent.destroy();
  }
}
