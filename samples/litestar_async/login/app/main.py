"""The application: `litestar --app app.main:app run`."""

from litestar import Litestar
from litestar.di import Provide

from app.authentication import identity
from app.authorization import provide_access
from app.controllers import controllers
from app.database import engine
from app.dependencies import provide_session
from app.handlers import exception_handlers


def create_app() -> Litestar:
    """Return the application with all its routes and error handlers."""
    return Litestar(
        route_handlers=controllers,
        dependencies={
            "session": Provide(provide_session),
            **identity,
            "access": Provide(provide_access),
        },
        exception_handlers=exception_handlers,
        on_shutdown=[engine.dispose],
        # How much is logged is up to whoever runs it.
        logging_config=None,
    )


app = create_app()
