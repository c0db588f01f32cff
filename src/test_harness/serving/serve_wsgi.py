"""Serves an application of Flask; requests run in threads."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy.orm import Session

from test_harness.serving.control import wsgi
from test_harness.serving.plugin import Wanted, ending, say_that_it_serves
from test_harness.serving.stage import Stage


@pytest.mark.timeout(0)
def test_serve(started_app: Any, db: Session, wanted: Wanted) -> None:
    from werkzeug.serving import make_server  # where Flask is, it is

    # Browsers are to see an error of a view as they would, and not the tests.
    started_app.testing = False
    with wanted.listening() as listening, Stage(db) as stage:
        if wanted.scenario:
            stage.play(wanted.scenario)
        server = make_server(
            wanted.host, wanted.port, wsgi(started_app, stage.play, stage.reset),
            threaded=True, fd=listening.fileno(),
        )  # fmt: skip
        say_that_it_serves(listening)
        # What ends the server waits for it, and has to be another thread than the one it runs in.
        with ending(lambda: threading.Thread(target=server.shutdown).start()):
            server.serve_forever()
