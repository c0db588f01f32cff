from setuptools import setup

setup(
    name="ledger",
    version="0.3",
    python_requires=">=3.9",
    install_requires=["sqlalchemy", "pymysql"],
    py_modules=["ledger"],
)
