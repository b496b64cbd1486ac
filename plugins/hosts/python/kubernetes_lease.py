"""Leases behind the REST API of Kubernetes, with nothing but the standard library."""

import base64
import datetime
import http.client
import json
import os
import re
import ssl
import tempfile
import urllib.parse
from email.utils import parsedate_to_datetime

LEASES = "/apis/coordination.k8s.io/v1/namespaces/{}/leases"
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


class Cluster:
    """An API server: its address, and what it takes to be let in."""

    def __init__(self, server, context=None, token=None):
        self.url = urllib.parse.urlsplit(server)
        self.context = context
        self.token = token

    @classmethod
    def in_cluster(cls):
        """As a pod reaches it."""
        host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
        context = ssl.create_default_context(cafile=f"{SERVICE_ACCOUNT}/ca.crt")
        return cls(f"https://{host}:{port}", context, lambda: read(f"{SERVICE_ACCOUNT}/token"))

    @classmethod
    def from_kubeconfig(cls, path):
        """As a kubeconfig in JSON says: `kubectl config view --raw --minify --flatten -o json`."""
        config = json.loads(read(path))
        current = next(c for c in config["contexts"] if c["name"] == config["current-context"])
        named = lambda kind, name: next(x[kind] for x in config[kind + "s"] if x["name"] == name)
        cluster = named("cluster", current["context"]["cluster"])
        user = named("user", current["context"]["user"])
        authority = cluster.get("certificate-authority-data")
        authority = base64.b64decode(authority).decode() if authority else None
        context = ssl.create_default_context(cadata=authority)
        if "client-certificate-data" in user:
            with tempfile.TemporaryDirectory() as folder:
                certificate, key = f"{folder}/crt", f"{folder}/key"
                for file, name in ((certificate, "certificate"), (key, "key")):
                    with open(file, "wb", opener=lambda p, f: os.open(p, f, 0o600)) as out:
                        out.write(base64.b64decode(user[f"client-{name}-data"]))
                context.load_cert_chain(certificate, key)
        token = user.get("token")
        return cls(cluster["server"], context, (lambda: token) if token else None)

    def connect(self, timeout):
        if self.url.scheme == "http":
            return http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=timeout)
        return http.client.HTTPSConnection(
            self.url.hostname, self.url.port, timeout=timeout, context=self.context
        )

    def headers(self):
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token().strip()}"
        return headers


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def parse_time(text):
    """`(seconds, nanoseconds)` of a time as the API server writes it; None if it is none."""
    match = re.fullmatch(r"(.{19})(?:\.(\d{1,9}))?Z", text or "")
    if not match:
        return None
    try:
        whole = datetime.datetime.fromisoformat(match[1] + "+00:00")
    except ValueError:
        return None
    return (whole - EPOCH) // datetime.timedelta(seconds=1), int((match[2] or "0").ljust(9, "0"))


def format_time(seconds, nanoseconds):
    """A time as the API server wants it: with six decimals."""
    whole = (EPOCH + datetime.timedelta(seconds=seconds)).replace(tzinfo=None)
    return f"{whole.isoformat()}.{nanoseconds // 1000:06}Z"


def parse_date(text):
    """`(seconds, nanoseconds)` of a header `Date`."""
    try:
        return int(parsedate_to_datetime(text).timestamp()), 0
    except (TypeError, ValueError):
        return None


class Answer:
    """What the server said: a status and an object, or no status if it said nothing."""

    def __init__(self, status=None, date=None, body=None, sent=True):
        self.status, self.date, self.body, self.sent = status, date, body, sent


class Requests:
    """One connection, for one request at a time. Nothing is ever sent a second time by itself."""

    def __init__(self, cluster, timeout):
        self.cluster, self.timeout, self.connection = cluster, timeout, None

    def send(self, method, path, body=None):
        if self.connection is None:
            self.connection = self.cluster.connect(self.timeout)
            try:
                self.connection.connect()
            except OSError:
                self.connection = None
                return Answer(sent=False)
        try:
            text = None if body is None else json.dumps(body)
            self.connection.request(method, path, text, self.cluster.headers())
            answer = self.connection.getresponse()
            date, data = answer.getheader("Date"), answer.read()
            if answer.will_close:
                self.close()
            return Answer(answer.status, parse_date(date), json.loads(data))
        except (OSError, http.client.HTTPException, ValueError):
            # It may have been carried out.
            self.close()
            return Answer()

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


def watch(cluster, path, timeout):
    """Yields the events of a watch, until the server ends it. An OSError is for the caller."""
    connection = cluster.connect(timeout)
    try:
        connection.request("GET", path, headers=cluster.headers())
        answer = connection.getresponse()
        if answer.status != 200:
            raise OSError(f"the watch was answered with {answer.status}")
        for line in answer:
            yield json.loads(line)
    except (http.client.HTTPException, ValueError) as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()
