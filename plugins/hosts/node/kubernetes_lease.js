// Leases behind the REST API of Kubernetes, with nothing but Node itself.

import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { createInterface } from "node:readline";

export const leases = (namespace) => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
const decode = (data) => data && Buffer.from(data, "base64");

/** An API server: its address, and what it takes to be let in. */
export class Cluster {
  constructor(server, tls = {}, token = undefined) {
    this.server = new URL(server);
    this.tls = tls;
    this.token = token;
  }

  /** As a pod reaches it. */
  static inCluster() {
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
    const tls = { ca: readFileSync(`${SERVICE_ACCOUNT}/ca.crt`) };
    // The token is replaced from time to time.
    const token = () => readFileSync(`${SERVICE_ACCOUNT}/token`, "utf8").trim();
    return new Cluster(`https://${host}:${port}`, tls, token);
  }

  /** As a kubeconfig in JSON says: `kubectl config view --raw --minify --flatten -o json`. */
  static fromKubeconfig(path) {
    const config = JSON.parse(readFileSync(path, "utf8"));
    const named = (all, name) => all.find((each) => each.name === name);
    const { context } = named(config.contexts, config["current-context"]);
    const { cluster } = named(config.clusters, context.cluster);
    const { user } = named(config.users, context.user);
    const tls = {
      ca: decode(cluster["certificate-authority-data"]),
      cert: decode(user["client-certificate-data"]),
      key: decode(user["client-key-data"]),
    };
    return new Cluster(cluster.server, tls, user.token && (() => user.token));
  }

  agent() {
    const { Agent } = this.server.protocol === "http:" ? http : https;
    return new Agent({ keepAlive: true, maxSockets: 1, ...this.tls });
  }

  request(method, path, agent, body, signal) {
    const { request } = this.server.protocol === "http:" ? http : https;
    const headers = { Accept: "application/json", "Content-Type": "application/json" };
    if (body !== undefined) headers["Content-Length"] = Buffer.byteLength(body);
    if (this.token) headers.Authorization = `Bearer ${this.token()}`;
    return request(new URL(path, this.server), { method, headers, agent, signal });
  }
}

/**
 * Sends one request, once, and resolves with what the server said: a status, a date and an object, or
 * no status if it said nothing. `sent` is false if nothing can have been carried out.
 */
export function send(cluster, agent, timeout, method, path, object) {
  const body = object === undefined ? undefined : JSON.stringify(object);
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeout);
    const request = cluster.request(method, path, agent, body, signal);
    let connected = false;
    request.on("socket", (socket) => {
      if (!socket.connecting) connected = true;
      else socket.once(cluster.server.protocol === "http:" ? "connect" : "secureConnect", () => {
        connected = true;
      });
    });
    // It may have been carried out, if there was a connection to send it over.
    request.on("error", () => resolve({ sent: connected }));
    request.on("response", (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("error", () => resolve({ sent: true }));
      response.on("end", () => {
        try {
          const { statusCode: status, headers } = response;
          const object = JSON.parse(Buffer.concat(parts).toString("utf8"));
          resolve({ status, date: parseDate(headers.date), object, sent: true });
        } catch {
          resolve({ sent: true });
        }
      });
    });
    request.end(body);
  });
}

/** The events of a watch, until the server ends it. It throws if that is not in order. */
export async function* watch(cluster, path, signal) {
  const agent = cluster.agent();
  try {
    const response = await new Promise((resolve, reject) => {
      const request = cluster.request("GET", path, agent, undefined, signal);
      request.on("response", resolve);
      request.on("error", reject);
      request.end();
    });
    if (response.statusCode !== 200) throw new Error(`the watch was answered with ${response.statusCode}`);
    const failed = new Promise((_, reject) => response.on("error", reject));
    failed.catch(() => {});
    const lines = createInterface({ input: response, crlfDelay: Infinity })[Symbol.asyncIterator]();
    for (;;) {
      const { done, value } = await Promise.race([lines.next(), failed]);
      if (done) return;
      yield JSON.parse(value);
    }
  } finally {
    agent.destroy();
  }
}

/** A timestamp of the contract, of a time as the API server writes it; undefined if it is none. */
export function parseTime(text) {
  const match = /^(.{19})(?:\.(\d{1,9}))?Z$/.exec(text ?? "");
  const millis = match ? Date.parse(`${match[1]}Z`) : NaN;
  if (Number.isNaN(millis)) return undefined;
  return { seconds: BigInt(millis / 1000), nanoseconds: Number((match[2] ?? "").padEnd(9, "0")) };
}

/** A time as the API server wants it: with six decimals. */
export function formatTime({ seconds, nanoseconds }) {
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(Math.floor(nanoseconds / 1000)).padStart(6, "0")}Z`;
}

function parseDate(text) {
  const millis = Date.parse(text);
  return Number.isNaN(millis) ? undefined : { seconds: BigInt(millis / 1000), nanoseconds: 0 };
}
