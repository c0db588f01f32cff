from flask import Blueprint, abort, request
from flask_jwt_extended import current_user, jwt_required

from festival.accounts import text_in
from festival.models import Event, Part, Participation, db
from festival.security import admins_only

pages = Blueprint("events", __name__)


def of_mine(key):
    found = db.session.get(Event, key) if key < 2**31 else None
    if found is None or found.organisation_id != current_user.organisation_id:
        abort(404)
    return found


def part_of(user, event_id):
    return db.session.scalar(
        db.select(Participation).where(
            Participation.event_id == event_id, Participation.user_id == user.id
        )
    )


@pages.get("/events")
@jwt_required()
def all_events():
    events = db.session.scalars(
        db.select(Event)
        .where(Event.organisation_id == current_user.organisation_id)
        .order_by(Event.id)
        .limit(100)
    )
    return [{"id": one.id, "title": one.title} for one in events]


@pages.post("/events")
@admins_only
def create():
    title = text_in(request.get_json(), "title")
    made = Event(organisation_id=current_user.organisation_id, title=title)
    db.session.add(made)
    db.session.flush()
    db.session.add(Participation(event_id=made.id, user_id=current_user.id, part=Part.organizer))
    db.session.commit()
    return {"id": made.id, "title": made.title}, 201


@pages.get("/events/<int:key>")
@jwt_required()
def one_event(key):
    found = of_mine(key)
    return {"id": found.id, "title": found.title}


@pages.patch("/events/<int:key>")
@jwt_required()
def rename(key):
    found = of_mine(key)
    mine = part_of(current_user, key)
    if mine is None or mine.part is not Part.organizer:
        abort(403)
    found.title = text_in(request.get_json(), "title")
    db.session.commit()
    return {"id": found.id, "title": found.title}
