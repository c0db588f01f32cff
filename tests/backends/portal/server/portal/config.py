import os

DSN = os.environ["DATABASE_DSN"]
SERVICE_KEY = os.environ["SERVICE_KEY"]
BROKER = os.getenv("BROKER")
