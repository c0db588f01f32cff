"""The rules. Nothing here knows of HTTP, and nothing else commits."""

from harbour.errors import ConflictError, ForbiddenError, NotAuthenticatedError, NotFoundError
from harbour.models import Berth, Booking, Role, User, Vessel
from harbour.repositories import Store
from harbour.schemas import BerthIn, BookingIn, Registration, VesselIn
from harbour.security import hash_password, verify_password

# What a password is compared with where there is no user, so that both take as long.
NOBODY = hash_password("nobody")


async def register(store: Store, wanted: Registration) -> User:
    email = wanted.email.lower()
    if await store.users.find(email=email):
        detail = "This address is taken"
        raise ConflictError(detail)
    hashed = hash_password(wanted.password)
    user = User(email=email, password_hash=hashed, role=Role.SKIPPER, is_active=True)
    await store.users.add(user)
    await store.commit()
    return user


async def authenticate(store: Store, email: str, password: str) -> User:
    user = await store.users.find(email=email.lower()) if "\0" not in email else None
    right = verify_password(password, user.password_hash if user else NOBODY)
    if user is None or not right or not user.is_active:
        detail = "Wrong address or password"
        raise NotAuthenticatedError(detail)
    return user


async def add_berth(store: Store, wanted: BerthIn) -> Berth:
    berth = await store.berths.add(Berth(**wanted.model_dump()))
    await store.commit()
    return berth


async def vessel_of(store: Store, user: User, vessel_id: int) -> Vessel:
    """Return a vessel that is the user's; what is somebody else's is not there."""
    vessel = await store.vessels.get(vessel_id)
    if vessel is None or (vessel.owner_id != user.id and user.role is not Role.ADMIN):
        detail = "No such vessel"
        raise NotFoundError(detail)
    return vessel


async def add_vessel(store: Store, user: User, wanted: VesselIn) -> Vessel:
    vessel = await store.vessels.add(Vessel(owner_id=user.id, **wanted.model_dump()))
    await store.commit()
    return vessel


async def remove_vessel(store: Store, user: User, vessel_id: int) -> None:
    await store.vessels.delete(await vessel_of(store, user, vessel_id))
    await store.commit()


async def book(store: Store, user: User, wanted: BookingIn) -> Booking:
    vessel = await vessel_of(store, user, wanted.vessel_id)
    berth = await store.berths.get(wanted.berth_id)
    if berth is None:
        detail = "No such berth"
        raise NotFoundError(detail)
    if vessel.length_m > berth.length_m:
        detail = f"{vessel.name} is too long for {berth.code}"
        raise ConflictError(detail)
    if await store.bookings.overlaps(berth.id, wanted.arrives, wanted.leaves):
        detail = f"{berth.code} is taken"
        raise ConflictError(detail)
    booking = await store.bookings.add(Booking(**wanted.model_dump()))
    await store.commit()
    return booking


def require_role(user: User, role: Role) -> None:
    if user.role is not role:
        detail = f"Only for a {role}"
        raise ForbiddenError(detail)
