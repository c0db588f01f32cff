from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount, Route

import clinic.mapping
from clinic import views
from clinic.config import Configuration
from clinic.database import make_sessions

doctor_routes = [
    Route("/login", views.login, methods=["POST"]),
    Route("/me", views.me),
]
routes = [Route("/health", views.health), Mount("/doctors", routes=doctor_routes)]


def create_application(config: Configuration) -> Starlette:
    sessions = make_sessions(config.database_url)

    class SessionPerRequest(BaseHTTPMiddleware):
        async def dispatch(self, request, call_next):
            async with sessions() as request.state.db:
                return await call_next(request)

    return Starlette(
        routes=routes,
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=config.hosts),
            Middleware(SessionMiddleware, secret_key=config.secret_key),
            Middleware(SessionPerRequest),
        ],
    )
