"""The web application, which a harness wants to import."""

from __future__ import annotations

from fastapi import FastAPI

app = FastAPI()
