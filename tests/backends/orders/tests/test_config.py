from app.core.config import Settings

REQUIRED = {"SECRET_KEY": "k" * 32, "POSTGRES_PASSWORD": "p/w@1"}


def test_database_uri_is_made_of_its_parts():
    settings = Settings(
        _env_file=None,
        **REQUIRED,
        POSTGRES_SERVER="db.local",
        POSTGRES_PORT=6000,
        POSTGRES_USER="me",
        POSTGRES_DB="shop",
    )

    assert str(settings.SQLALCHEMY_DATABASE_URI) == (
        "postgresql+psycopg://me:p%2Fw%401@db.local:6000/shop"
    )
