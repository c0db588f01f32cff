from typing import Literal

from pydantic import EmailStr, PostgresDsn, computed_field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    title: str = "Warehouse"
    api_prefix: str = "/api"
    environment: Literal["local", "staging", "production"]
    secret_key: str
    owner: EmailStr
    postgres_host: str
    postgres_port: int = 5432
    postgres_user: str
    postgres_password: str

    @computed_field
    @property
    def database_url(self) -> str:
        return str(
            PostgresDsn.build(
                scheme="postgresql+psycopg",
                username=self.postgres_user,
                password=self.postgres_password,
                host=self.postgres_host,
                port=self.postgres_port,
                path="warehouse",
            )
        )


settings = Settings()
