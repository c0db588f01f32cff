import io

import boto3
from flask import Blueprint, abort, current_app, request
from flask_jwt_extended import current_user, jwt_required
from PIL import Image, UnidentifiedImageError

from festival.models import db

pages = Blueprint("portraits", __name__)
BUCKET, EDGE, MOST = "portraits", 256, 2_000_000


def store():
    return boto3.client(
        "s3",
        endpoint_url=current_app.config["MINIO_ENDPOINT"],
        aws_access_key_id=current_app.config["MINIO_USER"],
        aws_secret_access_key=current_app.config["MINIO_PASSWORD"],
        region_name="us-east-1",
    )


def small(data):
    with Image.open(io.BytesIO(data)) as image:
        image.thumbnail((EDGE, EDGE))
        made = io.BytesIO()
        image.convert("RGB").save(made, "WEBP")
    return made.getvalue()


@pages.put("/me/portrait")
@jwt_required()
def put():
    data = request.get_data()
    if len(data) > MOST:
        abort(413)
    try:
        made = small(data)
    except (UnidentifiedImageError, OSError, ValueError):
        abort(415)
    key = f"{current_user.id}.webp"
    store().put_object(Bucket=BUCKET, Key=key, Body=made, ContentType="image/webp")
    current_user.portrait = key
    db.session.commit()
    return {"bytes": len(made)}


@pages.get("/me/portrait")
@jwt_required()
def get():
    if current_user.portrait is None:
        abort(404)
    asked = {"Bucket": BUCKET, "Key": current_user.portrait}
    return {"url": store().generate_presigned_url("get_object", Params=asked, ExpiresIn=300)}
