from flask_session import Session
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
server_session = Session()
