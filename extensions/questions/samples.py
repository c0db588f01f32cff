"""Which files the sample application has: layers of real Python trees, laid over each other."""

from __future__ import annotations

from pathlib import Path

IGNORED = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}


def sample_files(template: Path, layers: list[str], tests_dir: str) -> dict[str, str]:
    """Return where each file of a sample goes and which file of the template it comes from.

    Args:
        template: The root of the template.
        layers: Folders under `samples/`; a later one adds files and replaces some.
        tests_dir: What the folder `tests` of a layer is called in the destination.

    Raises:
        FileNotFoundError: A layer does not exist.
    """
    files: dict[str, str] = {}
    for layer in layers:
        root = Path(template) / "samples" / layer
        if not root.is_dir():
            raise FileNotFoundError(f"the template has no sample {layer!r}")
        for path in sorted(root.rglob("*")):
            if path.is_file() and not IGNORED.intersection(path.parts):
                relative = path.relative_to(root)
                parts = relative.parts
                if parts[0] == "tests":
                    parts = (tests_dir, *parts[1:])
                files["/".join(parts)] = f"samples/{layer}/{relative.as_posix()}"
    return files
