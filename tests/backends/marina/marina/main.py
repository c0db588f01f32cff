from fastapi import FastAPI

from marina import auth, berths

app = FastAPI(title="Marina")
for module in (auth, berths):
    app.include_router(module.router)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}
