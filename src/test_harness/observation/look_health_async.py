"""Looks at whether the health route answers, or is one of a longer path than was read."""

from __future__ import annotations

import re
from typing import Any

import httpx2

from test_harness.application.routes import routes_of
from test_harness.observation.answers import went_well
from test_harness.observation.notebook import Notebook
from test_harness.settings import settings

# How the last part of the path is called where nothing was read.
HEALTH = re.compile(r"(?i)/_?(health(z|_?-?check)?|livez?|readyz?|ping)/?$")


async def test_health(started_app: Any, client: httpx2.AsyncClient, notebook: Notebook) -> None:
    read = settings().application.health_path
    notebook.routes = routes_of(started_app)
    paths = [one.path for one in notebook.routes if one.method == "GET" and not one.parameters]
    # The prefix of a router may come from where nobody could read it.
    like = [path for path in paths if (path.endswith(read) if read else HEALTH.search(path))]
    for path in [read] if read in paths else sorted(like, key=len):
        answer = await client.get(path)
        if went_well(answer):
            notebook.saw("application.health_path", path, "no credential", answer)
            return
