# mypy: ignore-errors
"""The built-in tests of pytest-alembic, on an empty database; what the kit says too, the kit says.

`alembic_runner` goes to a revision in tests of yours that import these three fixtures as well.
"""

from __future__ import annotations

import pytest
from pytest_alembic import tests
from pytest_alembic.plugin.fixtures import alembic_runner
from test_harness.fixtures.alembic_beside import alembic_config, alembic_engine, said_once

__all__ = ["alembic_config", "alembic_engine", "alembic_runner"]
pytestmark = [
    pytest.mark.migration,
    pytest.mark.integration,
    pytest.mark.xdist_group("migrations"),
]

test_single_head_revision = said_once(tests.test_single_head_revision)
test_upgrade = said_once(tests.test_upgrade)
test_model_definitions_match_ddl = said_once(tests.test_model_definitions_match_ddl)
test_up_down_consistency = said_once(tests.test_up_down_consistency)
