"""Alembic environments, their revisions and heads, and whether tables are made without them."""

from __future__ import annotations

import configparser
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..code.distance import aside
from ..code.files import Tree, line_of
from ..code.source import Source
from ..findings import Candidate, Finding, choose, data_of
from ..project.packages import Packages
from .models import Models

_REVISION = re.compile(rb"^revision(?:\s*:\s*[^=\n]+)?\s*=\s*[\"']([^\"']+)[\"']", re.M)
_DOWN = re.compile(rb"^down_revision(?:\s*:\s*[^=\n]+)?\s*=\s*(\([^)]*\)|[^\n#]+)", re.M)
_LEFT_BEHIND = re.compile(
    r"(?i)(^|[/_.-])(old|back_?up|bak|legacy|archived?|deprecated|copy)\d*($|[/_.-])"
)
_CREATE_ALL = re.compile(rb"^[^#\n]*\b(?:\w*metadata|db|registry|alchemy)\.create_all\b", re.M)


@dataclass(frozen=True)
class Environment:
    """One Alembic environment.

    Attributes:
        ini: The file that configures it; empty when code does.
        location: The `script_location` as it is written.
        folder: Where its `env.py` is.
        flavour: `alembic`, `flask-migrate` or `advanced-alchemy`.
        where: `file:line`.
    """

    ini: str
    location: str
    folder: str
    flavour: str
    where: str


class Migrations:
    """Finds the environment that the application is migrated with.

    Attributes:
        found: `ini`, `script_location`, `revisions`, `heads`, `flavour`.
        create_all: Where tables are made without migrations.
    """

    def __init__(
        self, tree: Tree, source: Source, packages: Packages, models: Models | None
    ) -> None:
        self.models = models
        self.tree = tree
        self.source = source
        self.packages = packages
        self.scripts = [
            path for path in tree.python if path.endswith("/env.py") or path == "env.py"
        ]
        self.environments = [*self._from_ini(), *self._from_pyproject()]
        known = {environment.folder for environment in self.environments}
        self.environments += [e for e in self._from_folders() if e.folder not in known]
        self.create_all = self._create_all()
        self.found = self._choose()

    def _from_ini(self) -> list[Environment]:
        found = []
        for name in self.tree.named(
            r"(.*/)?[\w.-]*(alembic|migrat)[\w.-]*\.(ini|cfg|conf)|(.*/)?\w+\.ini|setup\.cfg"
        ):
            text = self.tree.text(name)
            if "[alembic" not in text and "script_location" not in text:
                continue
            parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
            try:
                parser.read_string(text)
            except configparser.Error:
                continue
            here = name.rpartition("/")[0]
            for section in parser.sections():
                location = parser.get(section, "script_location", fallback="") or ""
                beside = f"{here}/env.py" if here else "env.py"
                if not location and not (section == "alembic" and beside in self.tree):
                    continue
                offset = max(text.find("script_location"), 0)
                folder = self._folder(location, here) if location else here
                flavour = "flask-migrate" if self._is_flask(folder, location) else "alembic"
                where = f"{name}:{line_of(text, offset)}"
                # Another section is one that `alembic -n` would name.
                ini = name if section == "alembic" else f"{name}:{section}"
                found.append(Environment(ini, location, folder, flavour, where))
        return found

    def _from_pyproject(self) -> list[Environment]:
        found = []
        for name, data in self.packages.pyprojects:
            table = data.get("tool", {})
            alembic = table.get("alembic") if isinstance(table, dict) else None
            if isinstance(alembic, dict) and isinstance(alembic.get("script_location"), str):
                location = alembic["script_location"]
                folder = self._folder(location, name.rpartition("/")[0])
                text = self.tree.text(name)
                where = f"{name}:{line_of(text, max(text.find('script_location'), 0))}"
                flavour = "advanced-alchemy" if self._is_advanced() else "alembic"
                found.append(Environment(name, location, folder, flavour, where))
        return found

    def _from_folders(self) -> list[Environment]:
        found = []
        for path in self.scripts:
            data = self.tree.read(path)
            if b"alembic" not in data and b"run_migrations" not in data:
                continue
            folder = path.rpartition("/")[0]
            flavour = "flask-migrate" if b"current_app" in data else "alembic"
            if self._is_advanced():
                flavour = "advanced-alchemy"
            found.append(Environment("", "", folder, flavour, f"{path}:1"))
        return found

    def _is_flask(self, folder: str, location: str) -> bool:
        data = self.tree.read(f"{folder}/env.py" if folder else "env.py")
        return b"current_app" in data and not location

    def _is_advanced(self) -> bool:
        return bool(self.source.having(b"AlembicAsyncConfig", b"AlembicSyncConfig"))

    def _folder(self, location: str, here: str) -> str:
        """Return the folder that a `script_location` names, relative to the destination."""
        text = location.replace("\\", "/").strip()
        if text.startswith(("%(here)s", "%%(here)s")):
            text = f"{here}/{text.partition(')s')[2].strip('/')}"
        elif ":" in text:
            package, _, rest = text.partition(":")
            module = self.source.find(package)
            base = module.path.rpartition("/")[0] if module else package.replace(".", "/")
            text = f"{base}/{rest}"
        parts: list[str] = []
        for part in PurePosixPath(text).parts:
            if part == "..":
                parts = parts[:-1]
            elif part not in (".", "/"):
                parts.append(part)
        folder = "/".join(parts)
        # It is relative to where the command runs, which is mostly where the ini file is.
        for candidate in (folder, f"{here}/{folder}".strip("/")):
            if f"{candidate}/env.py" in self.tree or (not candidate and "env.py" in self.tree):
                return candidate
        last = folder.rpartition("/")[2]
        for path in self.scripts:
            if last and path.endswith(f"{last}/env.py"):
                return path.rpartition("/")[0]
        return folder

    def revisions(self, environment: Environment) -> tuple[int, list[str]]:
        """Return how many revisions there are, and the heads."""
        prefix = f"{environment.folder}/" if environment.folder else ""
        revisions: set[str] = set()
        followed: set[str] = set()
        below = [path for path in self.tree.python if path.startswith(prefix)]
        # What lies elsewhere below, or deeper, is looked for only where the settings say so.
        settings = self.tree.text(environment.ini.partition(":")[0]) if environment.ini else ""
        if not re.search(r"(?m)^\s*(recursive_)?version_locations", settings):
            below = [path for path in below if path.rpartition("/")[0] == f"{prefix}versions"]
        for path in below:
            if "/" not in path[len(prefix) :] and not prefix:
                continue
            data = self.tree.read(path)
            match = _REVISION.search(data)
            down = _DOWN.search(data)
            if match is None or down is None:
                continue
            revisions.add(match.group(1).decode("utf-8", "replace"))
            followed.update(
                re.findall(r"[\"']([^\"']+)[\"']", down.group(1).decode("utf-8", "replace"))
            )
        return len(revisions), sorted(revisions - followed)

    def _choose(self) -> Finding:
        candidates = []
        for environment in self.environments:
            count, heads = self.revisions(environment)
            script = f"{environment.folder}/env.py" if environment.folder else "env.py"
            score = 6.0 + min(count, 10) * 0.4
            score += 3 if script in self.tree else -5
            score += 3 if environment.ini else 0
            score += 2 if environment.ini == "alembic.ini" else 0
            score -= 1.5 * environment.folder.count("/")
            score -= 10 if aside(f"{environment.folder}/x.py") > 1 else 0
            score -= 6 if _LEFT_BEHIND.search(f"{environment.ini}/{environment.folder}") else 0
            score += self._is_of_the_models(script)
            data = self.tree.read(script)
            score += (
                2 if b"target_metadata" in data and b"target_metadata = None" not in data else 0
            )
            value = {
                "ini": environment.ini or None,
                "script_location": environment.location or None,
                "folder": environment.folder or ".",
                "revisions": count,
                "heads": heads,
                "flavour": environment.flavour,
            }
            candidates.append(Candidate(environment.folder, environment.where, score, value))
        best = choose([c for c in candidates if c.score > 0], sure=9, clear=2)
        if not best:
            return best
        value = data_of(best, candidates)
        return Finding(value, best.where, best.confidence, best.others)

    def _is_of_the_models(self, script: str) -> float:
        """Return what it says that an `env.py` compares with the models, or with others."""
        module = self.source.by_path.get(script)
        value = self.models.metadata.value if self.models is not None else None
        if module is None or self.models is None or not value:
            return 0
        compared = {*self.models.compared_by(module)}
        others = {base.address for base in self.models.bases} - {value["base"]}
        return 5 if value["base"] in compared else -6 if compared & others else 0

    def _create_all(self) -> Finding:
        naming = self.source.having(b"create_all")
        for module in sorted(naming, key=lambda m: (m.path not in self.source.reachable, m.aside)):
            match = _CREATE_ALL.search(module.data)
            if match and (self.source.live(module)):
                return Finding(True, module.at(match.end()), "high")
        return Finding()
