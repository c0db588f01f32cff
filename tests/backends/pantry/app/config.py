from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    database_url: str = "sqlite+aiosqlite:///pantry.db"
    session_hours: int = 12


settings = Settings()
