from pydantic import AnyUrl, SecretStr
from pydantic_settings import BaseSettings, TomlConfigSettingsSource


class Settings(BaseSettings):
    database_url: AnyUrl = AnyUrl("postgresql+asyncpg:///tickets")
    secret_key: SecretStr = SecretStr("secret")

    @classmethod
    def settings_customise_sources(cls, settings_cls, init_settings, env_settings, **others):
        return TomlConfigSettingsSource(settings_cls, "config.toml"), init_settings, env_settings


settings = Settings()
