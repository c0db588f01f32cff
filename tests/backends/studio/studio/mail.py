import smtplib
from email.message import EmailMessage


def send_mail(address: str, text: str) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "studio@example.com", address
    message.set_content(text)
    with smtplib.SMTP("localhost") as server:
        server.send_message(message)
