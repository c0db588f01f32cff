"""What `.env.example` and compose files say that environment variables may be."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from ..code.files import Tree, decode, parents_of_the_project

_ENV_FILES = (
    r"(.*/)?(\.?env[\w.-]*(example|sample|template|dist|default|dev|local|test)[\w.-]*"
    r"|(example|sample|template|default)\.?env|\.?testenv|\.flaskenv|\.envrc)"
)
_COMPOSE = r"([^/]+/){0,2}(docker-)?compose[\w.-]*\.ya?ml"
_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$")
# What tells the official images of databases which one to make.
_MAKES = {"POSTGRES_DB": "postgres", "POSTGRES_PASSWORD": "postgres", "MYSQL_DATABASE": "mysql",
          "MYSQL_ROOT_PASSWORD": "mysql", "MARIADB_DATABASE": "mariadb"}  # fmt: skip
_INTERPOLATION = re.compile(r"\$\{?(\w+)(?:(:?[-?])([^}]*))?\}?")


class Examples:
    """What `.env.example` and compose files say that variables may be.

    The real `.env` of a person is not among them: its database and its keys are not for tests.

    Attributes:
        values: The value of each variable; empty ones are left out.
        places: `file:line` of each.
        for_tests: The same of files that are for tests only.
        images: The images that compose files run, with their places.
    """

    def __init__(self, tree: Tree) -> None:
        self.root = tree.root
        self.values: dict[str, str] = {}
        self.for_tests: dict[str, str] = {}
        self.places: dict[str, str] = {}
        self.images: list[tuple[str, str]] = []
        ranked = sorted(tree.named(_ENV_FILES), key=_env_rank)
        for name in ranked:
            if name.count("/") <= 3:
                self._from_env(name, tree.text(name))
        for name in tree.named(_COMPOSE):
            self._from_compose(name, tree.text(name))
        for depth, folder in enumerate(parents_of_the_project(tree.root), start=1):
            self._from_above(folder, "../" * depth)

    def _from_above(self, folder: Path, prefix: str) -> None:
        try:
            names = sorted(path.name for path in folder.iterdir() if path.is_file())
        except OSError:
            return
        for name in sorted(names, key=_env_rank):
            reader = None
            if re.fullmatch(_ENV_FILES, name):
                reader = self._from_env
            elif re.fullmatch(_COMPOSE, name):
                reader = self._from_compose
            if reader is not None:
                try:
                    reader(prefix + name, decode((folder / name).read_bytes()[:200_000]))
                except OSError:
                    continue

    def _from_env_file(self, name: str) -> None:
        """Read a file that a service has its variables from, where the repository has it."""
        try:
            self._from_env(name, decode((self.root / name).read_bytes()[:200_000]))
        except OSError:
            return

    def _add(self, name: str, value: str, where: str) -> None:
        if name not in self.places:
            self.places[name] = where
        if value and name not in self.values:
            self.values[name] = value
            self.places[name] = where

    def _from_env(self, name: str, text: str) -> None:
        for number, line in enumerate(text.splitlines(), start=1):
            match = _LINE.match(line)
            if match is None:
                continue
            value = match.group(2)
            if value[:1] in "\"'" and len(value) > 1 and value[-1] == value[0]:
                value = value[1:-1]
            else:
                value = re.sub(r"(^|\s)#.*$", "", value).strip()
            if "test" in name.rpartition("/")[2]:
                self.for_tests.setdefault(match.group(1), value)
            else:
                self._add(match.group(1), self._filled(value), f"{name}:{number}")

    def _filled(self, value: str) -> str:
        def known(match: re.Match[str]) -> str:
            default = match.group(3) or "" if "-" in (match.group(2) or "") else ""
            return self.values.get(match.group(1), "") or default

        return _INTERPOLATION.sub(known, value) if "$" in value else value

    def _from_compose(self, name: str, text: str) -> None:
        try:
            data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - it is a safe loader
        except (yaml.YAMLError, RecursionError, ValueError):
            return
        services = data.get("services") if isinstance(data, dict) else None
        lines = text.splitlines()
        for service in services.values() if isinstance(services, dict) else ():
            if not isinstance(service, dict):
                continue
            image = service.get("image")
            if isinstance(image, str):
                self.images.append((self._filled(image), f"{name}:{_line(lines, image)}"))
            for key, value in _pairs(service.get("environment")):
                shown = "" if value is None else self._filled(str(value))
                where = f"{name}:{_line(lines, key)}"
                self._add(key, shown, where)
                if key in _MAKES and not isinstance(image, str):
                    # An image that is built there is set up as the one that it is built from.
                    self.images.append((_MAKES[key], where))
            for given in _files(service.get("env_file")):
                if posixpath.basename(given) != ".env":
                    self._from_env_file(posixpath.normpath(posixpath.join(name, "..", given)))


def _env_rank(name: str) -> tuple[int, int, str]:
    likely = bool(re.search(r"example|sample|template|dist|default", name))
    return (name.count("/"), 0 if likely else 1, name)


def _pairs(environment: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(environment, dict):
        yield from ((str(key), value) for key, value in environment.items())
    elif isinstance(environment, list):
        for item in environment:
            name, _, value = str(item).partition("=")
            yield name.strip(), value


def _files(given: Any) -> Iterator[str]:
    for item in given if isinstance(given, list) else [given]:
        path = item.get("path") if isinstance(item, dict) else item
        if isinstance(path, str):
            yield path


def _line(lines: list[str], needle: str) -> int:
    return next((number for number, line in enumerate(lines, start=1) if needle in line), 1)
