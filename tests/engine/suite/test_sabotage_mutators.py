"""Each mutator breaks what it is for, leaves what is something else, and does both by the tree."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from test_harness.suite.sabotage.fault import Fault, changed, faults_in
from test_harness.suite.sabotage.reached import Reached, Touching


def broken(folder: Path, text: str) -> dict[str, str]:
    """Return what each fault makes of a module, by what it is."""
    (folder / "app.py").write_text(text)
    made = {}
    for fault in faults_in(folder, ["app.py"]):
        _, module = changed(folder, fault.key)
        ast.fix_missing_locations(module.tree)
        compile(module.tree, "app.py", "exec")
        made[fault.what] = ast.unparse(module.tree)
    return made


@pytest.mark.parametrize(
    ("text", "what", "left"),
    [
        (
            "@router.get('/a', dependencies=[Depends(require_admin), Depends(get_db)])\n"
            "def a():\n    pass",
            "drops the dependency require_admin",
            "@router.get('/a', dependencies=[Depends(get_db)])\ndef a():\n    pass",
        ),
        (
            "@router.get('/a')\ndef a(db: Db, _: Annotated[User, Depends(current_user)], n=1):\n"
            "    return db",
            "drops the dependency current_user",
            "@router.get('/a')\ndef a(db: Db, n=1):\n    return db",
        ),
        (
            "@router.get('/a')\ndef a(n, user=Depends(current_user), size=2):\n    return n",
            "drops the dependency current_user",
            "@router.get('/a')\ndef a(n, size=2):\n    return n",
        ),
        (
            "router = APIRouter(dependencies=[Depends(current_user)])",
            "drops the dependency current_user",
            "router = APIRouter(dependencies=[])",
        ),
        (
            "@app.route('/a/<int:n>')\n@jwt_required()\ndef a(n):\n    pass",
            "drops the decorator @jwt_required()",
            "@app.route('/a/<int:n>')\ndef a(n):\n    pass",
        ),
        (
            "q = select(A).where(A.id == n, A.tenant_id == t)",
            "drops the condition A.tenant_id == t",
            "q = select(A).where(A.id == n)",
        ),
        (
            "q = select(A).where(and_(A.id == n, A.deleted_at.is_(None)))",
            "drops the condition A.deleted_at.is_(None)",
            "q = select(A).where(and_(A.id == n))",
        ),
        (
            "q = s.query(A).filter((A.owner_id == o) & (A.id == n)).one()",
            "drops the condition A.owner_id == o",
            "q = s.query(A).filter(A.id == n).one()",
        ),
        ("q = q.where(A.owner == user)", "drops the condition A.owner == user", "q = q"),
        (
            "q = q.filter_by(id=n, org_id=o)",
            "drops the condition org_id == o",
            "q = q.filter_by(id=n)",
        ),
        (
            "if not user.is_admin:\n    raise HTTPException(403)",
            "drops the refusal `if not user.is_admin`",
            "pass",
        ),
        (
            "if a.owner_id != u.id or a.is_locked:\n    abort(403)",
            "drops the refusal `if a.is_locked`",
            "if a.owner_id != u.id or False:\n    abort(403)",
        ),
        (
            "def f():\n    if user.role in roles:\n        return user\n    raise Forbidden()",
            "lets everything pass `if user.role in roles`",
            "def f():\n    if True:\n        return user\n    raise Forbidden()",
        ),
        (
            "def f():\n    if taken:\n        return jsonify(error='taken'), 409\n    return 1",
            "drops the refusal `if taken`",
            "def f():\n    pass\n    return 1",
        ),
        (
            "def f():\n    if who is None:\n        return JSONResponse({}, 401)\n    return 1",
            "drops the refusal `if who is None`",
            "def f():\n    pass\n    return 1",
        ),
        (
            "if status:\n    q = q.where(A.status == status)",
            "drops the condition A.status == status",
            "if status:\n    q = q",
        ),
        (
            "async def f():\n    await require_role(user, 'admin')",
            "drops the call require_role(user, 'admin')",
            "async def f():\n    pass",
        ),
        (
            "ok = await_it(pwd_context.verify(given, user.hashed))",
            "takes any password for the right one at pwd_context.verify(given, user.hashed)",
            "ok = await_it(True)",
        ),
        (
            "ok = bcrypt.checkpw(a, b)",
            "takes any password for the right one at bcrypt.checkpw(a, b)",
            "ok = True",
        ),
        (
            "c = jwt.decode(t, k, algorithms=['HS256'], options={'require': ['exp']})",
            "does not look at when tokens end",
            "c = jwt.decode(t, k, algorithms=['HS256'], "
            "options={'require': ['exp'], 'verify_exp': False})",
        ),
        (
            "async def f():\n    await db.commit()",
            "forgets db.commit()",
            "async def f():\n    pass",
        ),
        (
            "class A(BaseModel):\n    n: int = Field(1, ge=0, description='n')",
            "drops ge of n",
            "class A(BaseModel):\n    n: int = Field(1, description='n')",
        ),
        (
            "class A(BaseModel):\n    n: int\n\n    @field_validator('n')\n    def f(cls, v):\n"
            "        return v",
            "drops the validator f",
            "class A(BaseModel):\n    n: int\n    pass",
        ),
        (
            "class A(BaseModel):\n    to: EmailStr | None = None\n    cc: EmailStr",
            "takes any text for the address cc",
            "class A(BaseModel):\n    to: EmailStr | None = None\n    cc: str",
        ),
        (
            "class A(Schema):\n    n = fields.Integer(required=True, validate=Range(1))",
            "drops validate of n",
            "class A(Schema):\n    n = fields.Integer(required=True)",
        ),
        (
            "q = q.offset(skipped).limit(1)",
            "drops .offset(skipped) of a query",
            "q = q.limit(1)",
        ),
    ],
)
def test_what_is_broken(tmp_path: Path, text: str, what: str, left: str) -> None:
    assert broken(tmp_path, text)[what] == left


@pytest.mark.parametrize(
    "text",
    [
        "@router.get('/a', dependencies=[Depends(get_db)])\ndef a(db=Depends(get_db)):\n    pass",
        "@router.get('/a')\ndef a(user: User = Depends(current_user)):\n    return user",
        "@app.get('/a')\n@with_user_given\ndef a(user):\n    return user",
        "@property\ndef user(self):\n    pass",
        "@login_manager.user_loader\ndef load_user(key):\n    pass",
        "q = select(A).where(A.id == n)",
        "if form.is_sent():\n    user = db.query(User).filter(User.name == name).first()",
        "def f():\n    if first:\n        return JSONResponse({'count': 404})\n    return 1",
        "names = list(filter(is_owner, names))",
        "if not url:\n    raise RuntimeError('no url')",
        "try:\n    a()\nexcept E:\n    raise HTTPException(404)",
        "signed = signature.verify(message)",
        "text = content.decode('utf-8')",
        "repository.commit(message)",
        "class Settings(BaseSettings):\n    n: int = Field(ge=0)",
        "name = mapped_column(String(40))",
        "q = q.limit(1)",
        "check_spelling(text)",
    ],
)
def test_what_is_left_alone(tmp_path: Path, text: str) -> None:
    assert broken(tmp_path, text) == {}


def test_less_is_asked_for_before_a_route(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "deps.py").write_text(
        "def require_role(role):\n"
        "    def check(user=Depends(current_user)):\n"
        "        return user\n"
        "    return check\n"
    )
    text = (
        "from {} import require_role\n"
        "@app.get('/a')\n"
        "def a(user: Annotated[User, Depends(require_role('admin'))]):\n"
        "    return user\n"
    )
    what = "asks for current_user in place of require_role"
    absolute = broken(tmp_path, text.format("shop.deps"))[what]
    there = "Depends(__import__('sys').modules[require_role.__module__].current_user)"
    assert there in absolute
    relative = broken(tmp_path / "shop", text.format(".deps"))[what]
    assert there in relative
    other = text.format(".deps").replace("import require_role", "import require_role as of_role")
    assert what.replace("require_role", "of_role") in broken(
        tmp_path / "shop", other.replace("(require_role(", "(of_role(")
    )
    whole = text.replace("from {} import require_role", "import shop.deps as deps").replace(
        "Depends(require_role", "Depends(deps.require_role"
    )
    assert "modules[deps.require_role.__module__].current_user" in broken(tmp_path, whole)[what]
    same = (
        "def require_admin(user=Depends(current_user)):\n    return user\n"
        "@app.get('/a')\n"
        "def a(n, user=Depends(require_admin)):\n    return user\n"
    )
    (tmp_path / "shop" / "who.py").write_text(
        "from .deps import require_role\nAdmin = Annotated[User, Depends(require_role('admin'))]\n"
    )
    alias = "from .who import Admin as Boss\n@app.get('/a')\ndef a(user: Boss):\n    return user\n"
    home = "__import__('importlib').import_module('.who', __package__)."
    left = broken(tmp_path / "shop", alias)[what]
    assert f"modules[{home}require_role.__module__].current_user)]" in left
    [left] = broken(tmp_path, same).values()
    assert left.endswith("def a(n, user=Depends(current_user)):\n    return user")


def only(folder: Path, kind: str) -> Fault:
    [found] = [one for one in faults_in(folder, ["app.py", "schemas.py"]) if one.kind == kind]
    return found


def test_the_tests_that_come_by(tmp_path: Path) -> None:
    (tmp_path / "schemas.py").write_text(
        "Name = Annotated[str, Field(max_length=3)]\n"
        "class Base(BaseModel):\n    name: Name\n"
        "class New(Base):\n    pass\n"
    )
    (tmp_path / "app.py").write_text(
        "@app.post('/a', dependencies=[Depends(require_admin)])\n"
        "def a(new: New):\n"
        "    db.commit()\n"
        "@app.get('/b')\n"
        "def b():\n"
        "    return 1\n"
    )
    reached = Reached(
        {
            "schemas.py": {1: frozenset()},
            "app.py": {2: frozenset({"import"}), 3: frozenset({"adds"}), 6: frozenset({"reads"})},
        },
        {"app.py:1": frozenset({"adds", "is refused"}), "app.py:4": frozenset({"reads"})},
    )
    touching = Touching(tmp_path, reached)
    assert touching.tests(only(tmp_path, "commit")) == {"adds"}
    assert touching.tests(only(tmp_path, "dependency")) >= {"adds", "is refused"}
    assert "reads" not in touching.tests(only(tmp_path, "dependency"))
    # A field's alias, in a base, of what a route takes.
    assert touching.tests(only(tmp_path, "validation")) == {"adds", "is refused"}
