import os

from flask import Flask

from kiosk import views
from kiosk.extensions import db, server_session


def create_app(config=None):
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=os.environ.get("SECRET_KEY", "dev"),
        SQLALCHEMY_DATABASE_URI=os.environ.get("DATABASE_URL", "sqlite:///kiosk.db"),
        SESSION_TYPE="sqlalchemy",
        SESSION_SQLALCHEMY=db,
        SESSION_SQLALCHEMY_TABLE="http_sessions",
        SESSION_COOKIE_NAME="kiosk_session",
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.config.update(config or {})
    db.init_app(app)
    server_session.init_app(app)
    with app.app_context():
        db.create_all()
    app.register_blueprint(views.bp)
    return app
