import os

HOST = os.environ["DB_HOST"]
PASSWORD = os.environ["DB_PASSWORD"]
WRITER_URL = f"postgresql+asyncpg://payments:{PASSWORD}@{HOST}/payments"
READER_URL = f"postgresql+asyncpg://reader:{PASSWORD}@{HOST}/payments"
MIGRATIONS_URL = WRITER_URL.replace("+asyncpg", "+psycopg2")
JWT_SECRET = os.getenv("JWT_SECRET", "only-local")
