from fastapi import FastAPI

from warehouse.api import router
from warehouse.settings import settings

app = FastAPI(title=settings.title)
app.include_router(router, prefix=settings.api_prefix)


@app.get("/ping")
def ping() -> str:
    return "pong"
