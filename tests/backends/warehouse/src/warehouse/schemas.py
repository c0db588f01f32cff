from pydantic import BaseModel, EmailStr


class LoginUser(BaseModel):
    email: EmailStr
    password: str


class LoginRequest(BaseModel):
    user: LoginUser


class User(BaseModel):
    email: EmailStr
    token: str


class UserResponse(BaseModel):
    user: User
