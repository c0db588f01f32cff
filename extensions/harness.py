"""The Jinja extension of the template: filters that copier.yml and file names use.

Two versions of the template live in one process during `copier update`, so the modules beside this
one are loaded by path, under a name that is theirs alone.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from jinja2 import Environment
from jinja2.ext import Extension

HERE = Path(__file__).resolve().parent


def load_beside(name: str) -> ModuleType:
    """Import the package `name` that lies beside this file, apart from any other version of it."""
    folder = HERE / name
    unique = f"test_harness_{name}_{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"
    if unique in sys.modules:
        return sys.modules[unique]
    spec = importlib.util.spec_from_file_location(
        unique, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder} is not a package")
    module = importlib.util.module_from_spec(spec)
    sys.modules[unique] = module
    spec.loader.exec_module(module)
    return module


class HarnessExtension(Extension):
    """Adds the filters `discover`, `preflight`, `refusal`, `sample_files` and `stop`."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        questions = load_beside("questions")
        questions.show_refusals_briefly()
        questions.clean_up_when_interrupted()
        environment.filters["discover"] = load_beside("discovery").discover
        environment.filters["preflight"] = questions.preflight
        environment.filters["refusal"] = questions.refusal
        environment.filters["sample_files"] = questions.sample_files
        environment.filters["stop"] = questions.stop
