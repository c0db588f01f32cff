from app import create_app, db
from app.models import Post, User

app = create_app()


@app.shell_context_processor
def names():
    return {"db": db, "User": User, "Post": Post}
