import configparser
import os


class Configuration:
    def __init__(self, file):
        parser = configparser.ConfigParser()
        parser.read(file)
        self.database_url = os.getenv("DATABASE_URL", "sqlite+aiosqlite:///./clinic.db")
        self.secret_key = os.environ["CLINIC_SECRET"]
        self.hosts = parser.get("http", "hosts", fallback="localhost").split(",")


configuration = Configuration("settings.ini")
