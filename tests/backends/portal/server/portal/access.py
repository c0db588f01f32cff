from fastapi import APIRouter, Depends, HTTPException, Request, Security
from fastapi.security import APIKeyHeader, OAuth2PasswordBearer, OAuth2PasswordRequestForm
from jose import JWTError, jwt
from passlib.context import CryptContext
from sqlalchemy.orm import Session

from portal import config
from portal.core import get_session
from portal.limits import limiter
from portal.models.people import PortalUser

type Claims = dict[str, str]

router = APIRouter(prefix="/session")
bearer = OAuth2PasswordBearer(tokenUrl="/v2/session/token")
service_key = APIKeyHeader(name="X-Service-Key")
hashes = CryptContext(schemes=["pbkdf2_sha256"])


def current_user(token: str = Depends(bearer), session: Session = Depends(get_session)) -> PortalUser:
    try:
        claims: Claims = jwt.decode(token, config.SERVICE_KEY, algorithms=["HS256"])
    except JWTError:
        raise HTTPException(401, "Could not validate credentials") from None
    return session.get(PortalUser, int(claims["sub"]))


@router.post("/token")
@limiter.limit("5/minute")
def token(
    request: Request,
    form: OAuth2PasswordRequestForm = Depends(),
    session: Session = Depends(get_session),
):
    found = session.query(PortalUser).filter_by(login=form.username).first()
    if not found or not hashes.verify(form.password, found.pw_hash):
        raise HTTPException(401)
    return {"access_token": jwt.encode({"sub": str(found.id)}, config.SERVICE_KEY)}


@router.get("/whoami")
def whoami(user: PortalUser = Depends(current_user)):
    return {"login": user.login}


@router.get("/count", dependencies=[Security(service_key)])
def count():
    return 0
