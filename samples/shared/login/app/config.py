"""Settings, read from the environment and, in development, from a file `.env`."""

from pydantic import Field, PositiveInt, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a deployment decides. A setting without a default has to be given."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    database_url: str

    # Signs tokens; shorter than its hash, it would be the weakest part.
    secret_key: SecretStr = Field(min_length=32)
    access_token_minutes: PositiveInt = 15
    session_days: PositiveInt = 30
    # Only a browser on the machine itself takes such cookies without https.
    secure_cookies: bool = True

    # What OWASP asks of argon2id, as a minimum.
    password_time_cost: PositiveInt = 2
    password_memory_kib: int = Field(default=19_456, ge=8)

    # After so many failed logins in so many minutes an address has to wait.
    login_attempts: PositiveInt = 5
    login_window_minutes: PositiveInt = 15

    # Where links in mails lead, and how mails leave.
    public_url: str = "http://localhost:8000"
    mail_sender: str = "catalogue@example.com"
    smtp_host: str = "localhost"
    smtp_port: PositiveInt = 1025


settings = Settings.model_validate({})
