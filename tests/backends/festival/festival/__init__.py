from flask import Flask

from festival import accounts, events, invitations, portraits, realtime
from festival.config import Config
from festival.models import db
from festival.security import jwt


def create_app(config=Config):
    app = Flask(__name__)
    app.config.from_object(config)
    db.init_app(app)
    jwt.init_app(app)
    realtime.socketio.init_app(app)
    for part in (accounts, events, invitations, portraits):
        app.register_blueprint(part.pages)

    @app.get("/health")
    def health():
        return {"status": "ok"}

    return app
