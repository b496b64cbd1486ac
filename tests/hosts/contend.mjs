// Takes a lock again and again before a witness, as tests/src/witness.rs describes it, until stdin
// ends: node contend.mjs KUBECONFIG NAMESPACE LOCK WITNESS HOLD PAUSE LEASE DEADLINE RETRY (seconds).

import { appendFileSync, closeSync, openSync, unlinkSync } from "node:fs";
import { setTimeout as pass } from "node:timers/promises";

import { Cluster } from "../../plugins/hosts/node/kubernetes_lease.js";
import { Lock } from "../../plugins/hosts/node/lease_lock.js";

const KIND = "node";
const [kubeconfig, namespace, name, witness, ...times] = process.argv.slice(2);
const [hold, pause, lease, deadline, retry] = times.map(Number);

process.stdin.on("end", () => process.exit(1)).resume();

const note = (what, identity) => {
  appendFileSync(`${witness}/log`, `${what} ${KIND} ${identity} ${Date.now() * 1000}\n`);
};

async function section(held) {
  const inside = `${witness}/inside`;
  try {
    closeSync(openSync(inside, "wx", 0o600));
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return note("overlap", held.identity);
  }
  note("began", held.identity);
  // Whoever stops working once the lock is lost has not overlapped.
  const end = performance.now() + hold * 1000;
  while (performance.now() < end) {
    held.check();
    await pass(5);
  }
  unlinkSync(inside);
  note("ended", held.identity);
}

const lock = new Lock(Cluster.fromKubeconfig(kubeconfig), namespace, name, {
  identity: KIND, lease, deadline, retry,
});
for (;;) {
  const held = await lock.acquire();
  try {
    await section(held);
  } finally {
    await held.release();
  }
  await pass(pause * 1000);
}
