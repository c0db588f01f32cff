"""Settings, read from the environment and, in development, from a file `.env`."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a deployment decides. A setting without a default has to be given."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    database_url: str


settings = Settings.model_validate({})
