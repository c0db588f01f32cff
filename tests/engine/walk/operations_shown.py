"""Prints the operations of an application, for tests that look from outside."""

from __future__ import annotations

import importlib
import json
import sys

from test_harness.walk.operations import inventory_of


def shown(module: str) -> str:
    """Return what is known of the application `app` of a module, as JSON."""
    inventory = inventory_of(importlib.import_module(module).app)
    operations = {
        str(one): {
            "parameters": [[p.place, p.name, p.schema, p.required] for p in one.parameters],
            "body": one.body,
            "encoding": one.encoding,
            "answers": one.answers,
            "marks": sorted(one.summary),
            "in_front": one.in_front,
        }
        for one in inventory.operations
    }
    return json.dumps({"operations": operations, "notes": inventory.notes})


if __name__ == "__main__":
    print(*map(shown, sys.argv[1:]), sep="\n")
