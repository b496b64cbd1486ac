"""A lock on a Kubernetes Lease, by the rules of the component lease:lock.

    with Lock(Cluster.in_cluster(), "payments", "nightly").acquire() as held:
        for item in work():
            held.check()        # raises Lost once the lock may be somebody else's
            do(item, held.token)
"""

import copy
import json
import queue
import secrets
import socket
import threading
import time
import urllib.parse
import uuid

import wasmtime
from wasmtime.component import Component, Linker, Record, Variant

from kubernetes_lease import LEASES, Requests, format_time, parse_time, watch

SECOND = 1_000_000_000
LOCK_INFO = "app.terraform.io/lock-info"
RULES = "lease:lock/rules@0.1.0"
FIELDS = (
    ("holder-identity", "holderIdentity"), ("lease-duration-seconds", "leaseDurationSeconds"),
    ("acquire-time", "acquireTime"), ("renew-time", "renewTime"),
    ("lease-transitions", "leaseTransitions"), ("strategy", "strategy"),
    ("preferred-holder", "preferredHolder"),
)


def now():
    """The local clock: one that nobody sets and that counts suspend."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    # macOS' monotonic clock stops while the machine sleeps, its raw one does not.
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW if clock is None else clock)


def record(**fields):
    """A record of the contract: names with dashes."""
    made = Record()
    for name, value in fields.items():
        setattr(made, name.replace("_", "-"), value)
    return made


def timestamp(time_):
    return time_ and record(seconds=time_[0], nanoseconds=time_[1])


def wall():
    return timestamp(divmod(time.time_ns(), SECOND))


class Rules:
    """An instance of the component. It belongs to one thread."""

    _compiled = {}

    def __init__(self, path):
        if path not in self._compiled:
            engine = wasmtime.Engine()
            self._compiled[path] = engine, Component.from_file(engine, path)
        engine, component = self._compiled[path]
        self.store = wasmtime.Store(engine)
        self.instance = Linker(engine).instantiate(self.store, component)
        self.rules = self.instance.get_export_index(self.store, RULES)
        self.functions = {}

    def call(self, name, *args):
        """Calls a function; an error of the contract is raised."""
        result = self.try_call(name, *args)
        if isinstance(result, Record) and hasattr(result, "kind") and hasattr(result, "code"):
            raise ContractError(result)
        return result

    def try_call(self, name, *args):
        if name not in self.functions:
            index = self.instance.get_export_index(self.store, name, self.rules)
            self.functions[name] = self.instance.get_func(self.store, index)
        function = self.functions[name]
        result = function(self.store, *args)
        function.post_return(self.store)
        # A result whose two sides are told apart by their tag.
        if isinstance(result, Variant) and result.tag in ("ok", "err"):
            return result.payload
        return result

    def snapshot(self, lease):
        """Takes in a Lease as the API server sent it."""
        return self.call("[static]snapshot.of", lease_record(lease))


def lease_record(lease):
    """A Lease in the terms of the contract."""
    metadata, spec = lease["metadata"], lease.get("spec") or {}
    entries = lambda key: [record(key=k, value=v) for k, v in (metadata.get(key) or {}).items()]
    fields = {name: spec.get(key) for name, key in FIELDS}
    for name in ("acquire-time", "renew-time"):
        fields[name] = timestamp(parse_time(fields[name]))
    owners = [
        record(api_version=o.get("apiVersion", ""), kind=o.get("kind", ""), name=o.get("name", ""),
               uid=o.get("uid", ""))
        for o in metadata.get("ownerReferences") or []
    ]
    managed = []
    for entry in metadata.get("managedFields") or []:
        owned = (entry.get("fieldsV1") or {}).get("f:spec") or {}
        flags = {name: f"f:{key}" in owned for name, key in FIELDS[:5]}
        managed.append(record(time=timestamp(parse_time(entry.get("time"))), **flags))
    try:
        lock_id = json.loads((metadata.get("annotations") or {})[LOCK_INFO])["ID"]
    except (KeyError, TypeError, ValueError):
        lock_id = None
    return record(
        namespace=metadata["namespace"], name=metadata["name"],
        version=record(uid=metadata["uid"], resource_version=metadata["resourceVersion"]),
        labels=entries("labels"), annotations=entries("annotations"), owners=owners,
        managed_fields=managed, terraform_lock_id=lock_id, spec=record(**fields),
    )


def written(write, before, namespace):
    """The object of a write: of what was read, only what the write names is changed."""
    if before is None:
        metadata = {"namespace": namespace, "name": write.name}
        if write.labels:
            metadata["labels"] = {entry.key: entry.value for entry in write.labels}
        if write.owners:
            metadata["ownerReferences"] = [
                {"apiVersion": getattr(o, "api-version"), "kind": o.kind, "name": o.name, "uid": o.uid}
                for o in write.owners
            ]
        lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata}
    else:
        lease = copy.deepcopy(before)
        lease["metadata"].pop("managedFields", None)
        lease["metadata"]["uid"] = write.version.uid
        lease["metadata"]["resourceVersion"] = getattr(write.version, "resource-version")
    annotations = lease["metadata"].setdefault("annotations", {})
    for change in write.annotations:
        annotations.pop(change.key, None)
        if change.value is not None:
            annotations[change.key] = change.value
    spec = lease.setdefault("spec", {})
    for name, key in FIELDS:
        value = getattr(write.spec, name)
        if isinstance(value, Record):
            value = format_time(value.seconds, value.nanoseconds)
        spec.pop(key, None)
        if value is not None:
            spec[key] = value
    return lease


class ContractError(Exception):
    """An error of the contract, with its kind and code."""

    def __init__(self, error):
        super().__init__(f"{error.message} ({error.code})")
        self.kind, self.code = error.kind, error.code


class NotAcquired(Exception):
    """The attempt came to nothing."""


class Lost(Exception):
    """The lock is not held any more."""


class Lock:
    """A lock that can be acquired, again and again."""

    def __init__(self, cluster, namespace, name, *, component, identity=None, lease=15, deadline=10,
                 retry=2):
        self.cluster, self.namespace, self.name = cluster, namespace, name
        self.component, self.prefix = component, identity or socket.gethostname()
        self.lease, self.deadline, self.retry = lease, deadline, retry

    def acquire(self, within=None):
        """Waits in line for the lock, for so many seconds at most, and holds it until it is released.
        A thread of its own keeps it."""
        attempt = Attempt(self, within)
        attempt.start()
        attempt.decided.wait()
        if attempt.token is None:
            attempt.join()
            raise NotAcquired(attempt.reason)
        return Held(attempt)


class Held:
    """A lock that is held, to be released at the end of a `with`."""

    def __init__(self, attempt):
        self._attempt = attempt
        self.identity, self.token = attempt.identity, attempt.token

    def is_held(self):
        """Whether the work may go on: by the clock, so a process that was stopped sees it too."""
        until = self._attempt.until
        return until is not None and now() < until

    def check(self):
        if not self.is_held():
            raise Lost(self._attempt.reason or "not renewed in time")

    def release_asked(self):
        """Whether somebody waits for the lock to be given back."""
        return self._attempt.asked

    def release(self):
        """Gives the lock back. The work must have ended."""
        self._attempt.until = None
        self._attempt.inbox.put(("resign", None))
        self._attempt.join()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release()


class Attempt(threading.Thread):
    """Drives one contender: one request at a time, a watch, and the time."""

    HEARD = 8

    def __init__(self, lock, within):
        super().__init__(daemon=True)
        self.lock = lock
        # Unique by construction: two contenders of one process are two.
        self.identity = f"{lock.prefix}_{uuid.uuid4()}"
        self.patience = Variant("endless")
        if within is not None:
            self.patience = Variant("until", now() + int(within * SECOND))
        self.decided, self.inbox = threading.Event(), queue.Queue()
        self.token = self.until = self.reason = None
        self.asked = False
        self.stopped = threading.Event()
        self.heard = {}

    def run(self):
        try:
            self.drive()
        except Exception as error:  # Whoever waits for the outcome has to hear of it.
            self.reason = repr(error)
        finally:
            # A driver that ends for whatever reason does not keep the lock.
            self.until = None
            self.stopped.set()
            self.decided.set()

    def drive(self):
        lock = self.lock
        self.rules = Rules(lock.component)
        # Half of the deadline, so that there is a second try.
        self.requests = Requests(lock.cluster, lock.deadline / 2)
        claim = record(identity=self.identity, number=secrets.randbits(64), attends=True,
                       lease_duration=lock.lease * SECOND)
        self.contender = self.rules.call("[static]contender.create", record(
            namespace=lock.namespace, name=lock.name, claim=claim,
            renew_deadline=int(lock.deadline * SECOND), retry_period=int(lock.retry * SECOND),
            patience=self.patience, reads_every=None,
        ))
        threading.Thread(target=self.watch, daemon=True).start()
        while True:
            self.tell()
            if self.ask("has-ended"):
                break
            self.take_in(block=False)
            request = self.ask("poll-request", now(), wall())
            self.tell()
            if request is not None:
                # When the request was answered is when its answer is passed on, or before.
                self.ask("answered", self.send(request), now())
                continue
            if not self.ask("has-ended"):
                self.take_in(block=True)
        self.contender.drop(self.rules.store)
        self.requests.close()

    def ask(self, method, *args):
        return self.rules.call(f"[method]contender.{method}", self.contender, *args)

    def tell(self):
        """Takes in what the contender tells, and how long the lock is held."""
        while (event := self.ask("poll-event")) is not None:
            if event.code == "acquired":
                self.token = event.token
            elif event.code in ("lost", "not-acquired"):
                self.reason = f"{event.code}: {event.reason}"
                self.inbox.put(("resign", None))
            elif event.code == "release-asked":
                self.asked = True
        self.until = self.ask("held-until", now())
        if self.token or self.reason:
            self.decided.set()

    def take_in(self, block):
        """Takes in what the watch brings and the user wants, until there is something to do."""
        if block:
            at = self.ask("poll-timeout", now())
            wait = None if at is None else max(0.001, (at - now()) / SECOND)
            # Timers stop while a machine sleeps: whoever holds looks often.
            wait = min(0.25, wait if wait is not None else 0.25)
        try:
            what, value = self.inbox.get(block, wait if block else None)
        except queue.Empty:
            return
        if what == "resign":
            self.ask("resign", Variant("queue"), now())
        elif what == "suspect":
            self.ask("suspect")
        else:
            self.ask("observe", value and self.see(value), now())

    def see(self, lease):
        """Keeps what was read, for a write that may replace it."""
        version = lease["metadata"]["resourceVersion"]
        self.heard.pop(version, None)
        self.heard[version] = lease
        if len(self.heard) > self.HEARD:
            self.heard.pop(next(iter(self.heard)))
        return self.rules.snapshot(lease)

    def send(self, request):
        """Carries a request to the API server, once, and returns what became of it."""
        leases, what = LEASES.format(self.lock.namespace), request.payload
        body = None
        if request.tag == "list":
            method, path = "GET", f"{leases}?" + urllib.parse.urlencode(
                {"labelSelector": getattr(what, "label-selector")})
        elif request.tag == "get":
            method, path = "GET", f"{leases}/{what.name}"
        elif request.tag == "delete":
            method, path = "DELETE", f"{leases}/{what.name}"
            conditions = {"uid": what.uid, "resourceVersion": getattr(what, "resource-version")}
            conditions = {key: value for key, value in conditions.items() if value is not None}
            body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": conditions}
        else:
            before = None
            if what.version is None:
                method, path = "POST", leases
            else:
                method, path = "PUT", f"{leases}/{what.name}"
                before = self.heard.get(getattr(what.version, "resource-version"))
                if before is None:
                    return Variant("conflict")
            body = written(what, before, self.lock.namespace)
        return self.outcome(request.tag, self.requests.send(method, path, body))

    def outcome(self, tag, answer):
        status = answer.status
        if status is None:
            return Variant("unknown" if answer.sent else "not-sent")
        if 200 <= status < 300:
            if tag == "delete":
                return Variant("deleted")
            if tag == "list":
                kept = [self.rules.snapshot(lease) for lease in answer.body["items"]]
                return Variant("listed", record(leases=kept))
            snapshot = self.see(answer.body)
            return Variant("landed", record(lease=snapshot, date=timestamp(answer.date)))
        known = {404: "absent", 409: "conflict", 403: "denied", 401: "not-sent", 429: "not-sent"}
        return Variant(known.get(status, "rejected" if status < 500 else "unknown"))

    def watch(self):
        """Passes on each state of the lock that the server tells of."""
        query = urllib.parse.urlencode(
            {"watch": "1", "fieldSelector": f"metadata.name={self.lock.name}"})
        path = f"{LEASES.format(self.lock.namespace)}?{query}"
        while not self.stopped.is_set():
            try:
                # A watch that says nothing for so long is opened anew: it may be dead.
                for event in watch(self.lock.cluster, path, self.lock.lease):
                    if self.stopped.is_set():
                        return
                    kind = event["type"]
                    if kind in ("ADDED", "MODIFIED"):
                        self.inbox.put(("observe", event["object"]))
                    elif kind == "DELETED":
                        self.inbox.put(("observe", None))
            except OSError:
                pass
            self.inbox.put(("suspect", None))
            self.stopped.wait(min(1, self.lock.retry))
