"""How the old machinery is mentioned in texts, and which mentions can be put right for certain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from updates.old_shape.homes import joined, split, successor, was_ours


@dataclass(frozen=True)
class Left:
    """A line that was not rewritten, why, and what to do about it."""

    line: int
    text: str
    reason: str
    fix: str


@dataclass(frozen=True)
class OldProject:
    """A project that had the old machinery.

    Args:
        root: Its folder.
        tests: The name of the folder that the machinery was in.
        names: The files of the project that git knows or does not ignore, relative to `root`.
    """

    root: Path
    tests: str
    names: tuple[str, ...]

    @property
    def folder(self) -> str:
        """Where the machinery was."""
        return f"{self.tests}/harness"

    @property
    def has_own_harness(self) -> bool:
        """Whether the application has a package or a module of this name itself."""
        return bool(self._roots_of_their_own)

    def is_theirs(self, module: str) -> bool:
        """Say whether a package of the application's own that is called `harness` has a module."""
        first = module.partition(".")[0]
        return any(
            not first
            or root.joinpath("harness", first).exists()
            or root.joinpath("harness", f"{first}.py").exists()
            for root in self._roots_of_their_own
        )

    @cached_property
    def _roots_of_their_own(self) -> list[Path]:
        found = []
        for name in self.names:
            parts = Path(name.removesuffix(".py")).parts
            if not name.endswith(".py") or "harness" not in parts:
                continue
            parent = self.root.joinpath(*parts[: parts.index("harness")])
            # In a package it has another name than `harness`.
            is_top = parent == self.root or not (parent / "__init__.py").is_file()
            if is_top and parent != self.root / self.tests:
                found.append(parent)
        return found

    def may_mean_ours(self, name: str) -> bool:
        """Say whether `harness` may be the old machinery in a file."""
        return not self.has_own_harness or name.startswith(f"{self.tests}/")

    def is_kept(self, dotted: str) -> bool:
        """Say whether a name below `harness` is of a file that the project put there itself."""
        parts = dotted.split(".")
        ways = (self.root.joinpath(self.folder, *parts[:end]) for end in range(len(parts), 0, -1))
        return any(way.with_suffix(".py").is_file() for way in ways)

    def ours(self, dotted: str) -> str | None:
        """Return what follows `harness.` in a name of the old machinery; None for other names."""
        for prefix in ("harness", f"{self.tests}.harness"):
            if dotted == prefix:
                return ""
            if dotted.startswith(f"{prefix}."):
                return dotted[len(prefix) + 1 :]
        return None

    @cached_property
    def dotted(self) -> re.Pattern[str]:
        """A dotted name below `harness`, and perhaps a name after a colon."""
        return re.compile(
            rf"(?<![\w./-])(?:{self.tests}\.)?harness\.(?P<rest>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
            r"(?P<object>:[A-Za-z_][\w.]*)?"
        )

    @cached_property
    def path(self) -> re.Pattern[str]:
        """The folder of the old machinery, or a file in it."""
        return re.compile(rf"(?<![\w-]){self.tests}[/\\]+harness\b(?![.-])(?P<rest>[/\\\w.*-]*)")

    def put_right(self, text: str) -> str:
        """Return a text with the paths and the commands in it that have one certain successor."""
        here = rf"(?<![\w/.-])(?P<start>\./)?{self.tests}/harness"
        text = re.sub(
            rf"{here}/requirements\.txt(?![\w-]|\.\w)",
            rf"\g<start>{self.tests}/requirements.txt",
            text,
        )
        text = re.sub(rf"{here}/checks(?P<file>/test_\w+\.py|(?![\w.-]))", self._check, text)
        if self.has_own_harness:
            return text
        text = re.sub(r"(?<=-m )harness\.scenarios(?![\w.])", "test_harness seed", text)
        return re.sub(r"(?<=-p )harness\.plugin(?![\w.])", "test_harness.plugin", text)

    def _check(self, found: re.Match[str]) -> str:
        """A folder of checks, or one that is there, and not one of the project's own."""
        new, name = f"{self.tests}/checks", found["file"]
        moved = not name or (self.root / f"{new}{name}").is_file()
        return f"{found['start'] or ''}{new}{name}" if moved else found[0]

    def put_names_right(self, text: str) -> str:
        """Return a text that nothing runs, with the dotted names in it as they are called now."""

        def now(found: re.Match[str]) -> str:
            rest, of_module = found["rest"], found["object"] or ""
            if of_module or self.is_kept(rest) or self.is_theirs(split(rest)[0]):
                return found[0]
            module, names = split(rest)
            home = successor(module, names, public=True)
            return joined(home, names) if home else found[0]

        return self.dotted.sub(now, text)

    def is_mentioned(self, text: str) -> bool:
        """Say whether a text still has a path or a name of the old machinery in it."""
        for found in self.path.finditer(text):
            rest = re.sub(r"[/\\]+", "/", found["rest"]).strip("/.")
            if not rest or not (self.root / self.folder / rest).exists():
                return True
        for found in self.dotted.finditer(text):
            module = split(found["rest"])[0]
            is_another = self.is_kept(found["rest"]) or self.is_theirs(module)
            if module and was_ours(module) and not is_another:
                return True
        return False
