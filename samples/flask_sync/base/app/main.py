"""The application factory: `flask --app app.main run`."""

from pathlib import Path

from flask import Flask

from app.blueprints import blueprints
from app.config import settings
from app.database import add_database
from app.handlers import add_error_handlers

ROOT = Path(__file__).resolve().parent.parent


def create_app() -> Flask:
    """Return the application with all its routes and error handlers."""
    # Flask-SQLAlchemy looks for a file of SQLite in the instance folder; Alembic looks here.
    app = Flask(__name__, instance_path=str(ROOT))
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    add_database(app)
    add_error_handlers(app)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    return app
