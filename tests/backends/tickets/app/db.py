from advanced_alchemy.extensions.litestar import (
    AlembicAsyncConfig,
    SQLAlchemyAsyncConfig,
    SQLAlchemyPlugin,
)

from app.config import settings


def create_config() -> SQLAlchemyAsyncConfig:
    return SQLAlchemyAsyncConfig(
        connection_string=settings.database_url.unicode_string(),
        alembic_config=AlembicAsyncConfig(toml_file="pyproject.toml"),
    )


sqlalchemy_config = create_config()
plugin = SQLAlchemyPlugin(config=sqlalchemy_config)
