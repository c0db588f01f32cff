"""The commands, containers and scripts that start the application."""

from __future__ import annotations

import re
from collections import Counter

from ..code.source import Source

_RUN_FILES = (
    r"(.*/)?(Dockerfile[\w.-]*|[\w.-]+\.Dockerfile|Procfile|[\w.-]+\.sh"
    r"|(docker-)?compose[\w.-]*\.ya?ml"
    r"|Makefile|[Jj]ustfile|pyproject\.toml|README\.\w+|\.flaskenv|fly\.toml|render\.ya?ml"
    r"|\.env\.\w+"
    r"|supervisord?\.conf|Taskfile\.ya?ml)"
)
_RUN_LINE = re.compile(
    r"uvicorn|gunicorn|hypercorn|granian|daphne|FLASK_APP|LITESTAR_APP|fastapi|litestar|flask|entrypoint"
    r"|\bapp\s*="
)
_ADDRESS = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_]\w*)")
_FLASK_APP = re.compile(
    r"FLASK_APP[\"']?\s*[:=]\s*[\"']?([\w./]+?)(?:\.py)?(?::(\w+))?(?=[\s\"'(]|$)", re.M
)


class Commands:
    """What is said to be started, as `module:name`."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.run = self._run_commands()

    def _run_commands(self) -> Counter[str]:
        found: Counter[str] = Counter()
        texts = [self.source.tree.text(name) for name in self.source.tree.named(_RUN_FILES)]
        starting = self.source.having(b"uvicorn.run", b"granian", b"Gunicorn", b"FLASK_APP")
        texts += [module.data.decode("utf-8", "replace") for module in starting]
        for text in texts:
            for line in text.splitlines():
                if _RUN_LINE.search(line):
                    for module_name, name in set(_ADDRESS.findall(line)):
                        found[f"{module_name}:{name}"] += 1
            for module_name, name in _FLASK_APP.findall(text):
                dotted = module_name.strip("./").replace("/", ".")
                found[f"{dotted}:{name}" if name else f"{dotted}:"] += 1
        return found

    def served(self, address: str) -> bool:
        """Say whether a command, a container or a script serves this application."""
        module, _, name = address.partition(":")
        for command in self.run:
            run_module, _, run_name = command.partition(":")
            same = run_module == module or run_module.endswith(f".{module}")
            same = same or (module.endswith(f".{run_module}") and "." in run_module)
            if same and run_name in (name, ""):
                return True
        return False
