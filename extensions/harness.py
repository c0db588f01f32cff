"""The Jinja extension of the template: filters that copier.yml and file names use.

Two versions of the template live in one process during `copier update`, so the modules beside this
one are loaded by path, under a name that is theirs alone.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import copier
from jinja2 import Environment, Template
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


def compile_each_text_once(environment: Environment) -> None:
    """Keep what Jinja compiled: Copier asks anew for each part of each path, some 2,500 times."""
    compile_text = environment.from_string
    compiled: dict[str, Template] = {}

    def from_string(source: Any, *args: Any, **kwargs: Any) -> Template:
        if args or kwargs or not isinstance(source, str):
            return compile_text(source, *args, **kwargs)
        if source not in compiled:
            compiled[source] = compile_text(source)
        else:
            # Extensions count on it: Copier's `yield` forgets here what it had yielded before.
            environment.preprocess(source)
        return compiled[source]

    environment.from_string = from_string  # type: ignore[method-assign]


def ask_git_about_modes_once() -> None:
    """Have Copier ask git once for each folder, and not for each file, whether it sees their modes.

    Only where git does not is there anything to do for a file. What is not found here, in another
    version of Copier, is left as it is.
    """
    worker: Any = getattr(getattr(copier, "_main", None), "Worker", None)
    see_to_it = getattr(worker, "_sync_git_index_executable_bit", None)
    if see_to_it is None or hasattr(see_to_it, "__wrapped__"):
        return
    blind: dict[Path, bool] = {}

    @functools.wraps(see_to_it)
    def where_git_is_blind(copying: Any, *file: Any) -> None:
        folder = copying.subproject.local_abspath
        if folder not in blind:
            asked = ["git", "config", "--type=bool", "--get", "core.fileMode"]
            said = subprocess.run(
                asked,
                cwd=folder,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
            )
            blind[folder] = said.stdout.strip() == "false"
        if blind[folder]:
            see_to_it(copying, *file)

    worker._sync_git_index_executable_bit = where_git_is_blind


class HarnessExtension(Extension):
    """Adds the filters that copier.yml and file names use."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._read: dict[Path, Any] = {}
        compile_each_text_once(environment)
        ask_git_about_modes_once()
        questions = load_beside("questions")
        questions.show_refusals_briefly()
        questions.clean_up_when_interrupted()
        environment.filters["discover"] = self.discover
        environment.filters["what_was_found"] = self.what_was_found
        environment.filters["fitting_driver"] = questions.fitting_driver
        environment.filters["fitting_pythons"] = questions.fitting_pythons
        environment.filters["framework_that_was_found"] = questions.framework_that_was_found
        environment.filters["login_that_was_found"] = questions.login_that_was_found
        environment.filters["answered_otherwise"] = questions.answered_otherwise
        environment.filters["preflight"] = questions.preflight
        environment.filters["refusal"] = questions.refusal
        environment.filters["flows_refusal"] = questions.flows_refusal
        environment.filters["sample_flows"] = questions.sample_flows
        environment.filters["sample_files"] = questions.sample_files
        environment.filters["text_of"] = questions.text_of
        environment.filters["engine_files"] = questions.engine_files
        environment.filters["engine_version"] = questions.engine_version
        environment.filters["engine_requirements"] = questions.engine_requirements
        environment.filters["remembered"] = questions.remembered
        environment.filters["rendered_again"] = questions.rendered_again
        environment.filters["stop"] = questions.stop
        environment.filters["user_states"] = questions.user_states

    def discover(self, folder: Path | str) -> Any:
        """Return what the questions start from."""
        return load_beside("discovery").discover(folder, self._facts(folder))

    def what_was_found(self, folder: Path | str) -> Any:
        """Return what a person reads before the questions."""
        if there := load_beside("questions").harness_in(folder):
            return f"The test harness is here already, in {there}."
        return load_beside("discovery").message(self._facts(folder))

    def _facts(self, folder: Path | str) -> Any:
        # Once for the message and the questions: thousands of files take a second or two.
        path = Path(folder).absolute()
        if path not in self._read:
            self._read[path] = load_beside("discovery").Facts(path)
        return self._read[path]
