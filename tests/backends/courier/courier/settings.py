from pathlib import Path

from pydantic import BaseModel
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).parent.parent


class Tokens(BaseModel):
    private_key_path: Path = ROOT / "keys" / "private.pem"
    public_key_path: Path = ROOT / "keys" / "public.pem"
    algorithm: str = "RS256"
    minutes: int = 15


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", env_nested_delimiter="__")

    database_url: str = "sqlite+aiosqlite:///./courier.db"
    tokens: Tokens = Tokens()


settings = Settings()
