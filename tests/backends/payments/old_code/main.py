from fastapi import FastAPI
from sqlalchemy.orm import declarative_base

Base = declarative_base()
app = FastAPI()
