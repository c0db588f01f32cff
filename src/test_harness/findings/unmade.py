"""What keeps rows of models from being made, each cause once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from test_harness.errors import HarnessError, first_line


def causes_of(errors: Mapping[str, Exception]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong and how it is mended, for all models that it concerns.

    Args:
        errors: What making a row raised, by the name of the model.
    """
    names: dict[tuple[str, str], list[str]] = {}
    for name, error in errors.items():
        fix = f"declare in factories.py, in {name}Factory, what it asks for."
        if isinstance(error, HarnessError):
            fix = error.fix
        names.setdefault((first_line(error), fix), []).append(name)
    for (said, fix), concerned in names.items():
        yield f"No {' and no '.join(concerned)} can be made: {said}", fix
