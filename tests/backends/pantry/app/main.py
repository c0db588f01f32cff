from fastapi import FastAPI

from app.routers import jars, keepers

app = FastAPI(title="Pantry")
app.include_router(keepers.router)
app.include_router(jars.router)


@app.get("/health")
async def health():
    return {"status": "ok"}
