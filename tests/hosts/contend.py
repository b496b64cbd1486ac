"""Takes a lock again and again before a witness, as tests/src/witness.rs describes it, until stdin
ends: python contend.py COMPONENT KUBECONFIG NAMESPACE LOCK WITNESS HOLD PAUSE LEASE DEADLINE RETRY
(seconds)."""

import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../plugins/hosts/python"))

from kubernetes_lease import Cluster
from lease_lock import Lock

KIND = "python"


def note(folder, what, identity):
    line = f"{what} {KIND} {identity} {time.time_ns() // 1000}\n"
    log = os.open(f"{folder}/log", os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
    os.write(log, line.encode())
    os.close(log)


def section(folder, held, hold):
    inside = f"{folder}/inside"
    try:
        os.close(os.open(inside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        note(folder, "overlap", held.identity)
        return
    note(folder, "began", held.identity)
    # Whoever stops working once the lock is lost has not overlapped.
    end = time.monotonic() + hold
    while time.monotonic() < end:
        held.check()
        time.sleep(min(0.005, hold))
    os.remove(inside)
    note(folder, "ended", held.identity)


def exit_with_stdin():
    sys.stdin.read()
    os._exit(1)


def main(component, kubeconfig, namespace, name, witness, *times):
    hold, pause, lease, deadline, retry = map(float, times)
    threading.Thread(target=exit_with_stdin, daemon=True).start()
    lock = Lock(
        Cluster.from_kubeconfig(kubeconfig), namespace, name, component=component, identity=KIND,
        lease=int(lease), deadline=deadline, retry=retry,
    )
    while True:
        with lock.acquire() as held:
            section(witness, held, hold)
        time.sleep(pause)


main(*sys.argv[1:])
