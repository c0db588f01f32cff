"""How far a file lies from the application itself, by its path."""

from __future__ import annotations

import re
from functools import lru_cache

_TESTS = re.compile(
    r"(^|/)(tests?|testing|unit_?tests?|integration_?tests?|e2e|\w+_tests?(?=/)|tests?_\w+(?=/)"
    r"|old_tests\w*)/|(^|/)(test_\w+|\w+_test|conftest|tests?)\.py$"
)
_ASIDE = re.compile(
    r"(^|/)(examples?|docs?|docs_src|samples?|demos?|tutorials?|benchmarks?|load_?tests?|snippets"
    r"|cookiecutter\w*|playground|experiments?|archived?|legacy|deprecated"
    r"|\w+_backups?|\w+_old(_\w+)?|old_\w+|(alembic|revisions?|\w*migrations?\w*)/([^/]+/)*versions|\{\{.*\}\}.*)/|(^|/)\w+_(example|old)\.py$"
)
_SCRIPTS = re.compile(
    r"(^|/)(scripts?|tools?|bin|seeders?|seeds?|fixtures|management|alembic|migrations?|deploy\w*"
    r"|infra\w*|notebooks?)/|(^|/)(setup|noxfile|tasks|manage|gunicorn\w*)\.py$"
)


@lru_cache(maxsize=65_536)
def aside(path: str) -> int:
    """Say how far a file lies from the application itself.

    Returns:
        0 for the application, 1 for what is run beside it (scripts, migrations), 2 for examples,
        documentation and what is kept of old, 3 for tests.
    """
    if _TESTS.search(path):
        return 3
    if _ASIDE.search(path):
        return 2
    return 1 if _SCRIPTS.search(path) else 0
