from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class DatabaseSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="DB_")

    url: str


class TokenSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="TOKEN_")

    key: str
    minutes: int = 15


class Settings(BaseSettings):
    database: DatabaseSettings
    tokens: TokenSettings = Field(default_factory=TokenSettings)


settings = Settings(database=DatabaseSettings())
