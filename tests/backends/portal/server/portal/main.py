from fastapi import FastAPI

from portal.access import router
from portal.limits import limiter


def get_application() -> FastAPI:
    application = FastAPI()
    application.state.limiter = limiter
    for part, prefix in ((router, "/v2"),):
        application.include_router(part, prefix=prefix)
    return application


app = get_application()
