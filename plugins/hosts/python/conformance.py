"""The component in Python, beside what the native crate says.

    python conformance.py COMPONENT DECISIONS HISTORIES
"""

import json
import sys

from wasmtime.component import Record, ResourceAny, Variant

from lease_lock import Rules

INT = "int"


class Player:
    """Plays cases as JSON has them."""

    def __init__(self, component):
        self.rules = Rules(component)
        self.contender = None

    def value(self, told):
        """A value of the component, of JSON."""
        if isinstance(told, list):
            return [self.value(each) for each in told]
        if not isinstance(told, dict):
            return told
        if set(told) == {INT}:
            return int(told[INT])
        if set(told) == {"snapshot"}:
            return self.rules.call("[static]snapshot.of", self.value(told["snapshot"]))
        if set(told) == {"tag", "value"}:
            return Variant(told["tag"], self.value(told["value"]))
        made = Record()
        for key, each in told.items():
            setattr(made, key, self.value(each))
        return made

    def told(self, value):
        """The same in JSON, but for numbers: Python's do not tell how many bits they have."""
        if isinstance(value, Record):
            return {key: self.told(each) for key, each in vars(value).items()}
        if isinstance(value, Variant):
            return {"tag": value.tag, "value": self.told(value.payload)}
        if isinstance(value, list):
            return [self.told(each) for each in value]
        return None if isinstance(value, ResourceAny) else value

    def run(self, name, *args):
        return self.told(self.rules.try_call(name, *args))

    def decide(self, lease, call, args):
        snapshot = self.value({"snapshot": lease})
        try:
            return self.run(f"[method]snapshot.{call}", snapshot, *map(self.value, args))
        finally:
            snapshot.drop(self.rules.store)

    def drive(self, call, args):
        args = [self.value(each) for each in args]
        if call == "create":
            self.contender = self.rules.call("[static]contender.create", *args)
            return None
        return self.run(f"[method]contender.{call}", self.contender, *args)


def plain(told):
    """What is expected, as `told` tells it: a result is its value or its error."""
    if isinstance(told, list):
        return [plain(each) for each in told]
    if not isinstance(told, dict):
        return told
    if set(told) == {INT}:
        return int(told[INT])
    if set(told) in ({"ok"}, {"err"}):
        return plain(next(iter(told.values())))
    return {key: plain(each) for key, each in told.items()}


def same(result, expected):
    if isinstance(result, dict) and "message" in result:
        assert result.pop("message")
    return result == plain(expected)


def main(component, decisions, histories):
    with open(decisions, encoding="utf-8") as file:
        table = json.load(file)
    player = Player(component)
    for case in table["cases"]:
        result = player.decide(table["leases"][case["lease"]], case["call"], case["args"])
        if not same(result, case["result"]):
            sys.exit(f"{result} is not what is expected: {case}")
    with open(histories, encoding="utf-8") as file:
        lives = [json.loads(line) for line in file]
    for number, life in enumerate(lives):
        player = Player(component)
        for step in life:
            result = player.drive(step["call"], step["args"])
            if not same(result, step["result"]):
                sys.exit(f"history {number}: {result} is not what is expected: {step}")
    print(f"{len(table['cases'])} decisions and {len(lives)} histories agree")


if __name__ == "__main__":
    main(*sys.argv[1:])
