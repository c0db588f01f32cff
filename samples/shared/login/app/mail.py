"""Mails: what users are told outside of the application, and how it leaves."""

import smtplib
from email.message import EmailMessage

from app.config import settings


def send(recipient: str, subject: str, text: str) -> None:
    """Hand a mail to the mail server. Raises OSError when there is none."""
    message = EmailMessage()
    message["From"] = settings.mail_sender
    message["To"] = recipient
    message["Subject"] = subject
    message.set_content(text)
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port) as server:
        server.send_message(message)


def send_verification(recipient: str, token: str) -> None:
    """Send the link that shows whose the address is."""
    link = f"{settings.public_url}/verify?token={token}"
    send(recipient, "Verify your address", f"Welcome! Please follow this link:\n{link}\n")


def send_known(recipient: str) -> None:
    """Tell somebody who has an account that their address was used to sign up."""
    send(recipient, "You have an account", "Somebody signed up with your address. Just log in.\n")


def send_reset(recipient: str, token: str) -> None:
    """Send the link with which a new password can be set."""
    link = f"{settings.public_url}/reset?token={token}"
    send(recipient, "Set a new password", f"To set a new password, follow this link:\n{link}\n")


def send_unknown(recipient: str) -> None:
    """Tell somebody without an account that there is no password to reset."""
    send(recipient, "You have no account", "There is no account with your address.\n")
