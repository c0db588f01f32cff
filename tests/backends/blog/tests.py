import unittest

from app import create_app, db
from config import TestConfig


class UserCase(unittest.TestCase):
    def setUp(self):
        self.app = create_app(TestConfig)
        self.context = self.app.app_context()
        self.context.push()
        db.create_all()

    def tearDown(self):
        db.session.remove()
        db.drop_all()
        self.context.pop()

    def test_login_page(self):
        self.assertEqual(self.app.test_client().get("/auth/login").status_code, 200)
