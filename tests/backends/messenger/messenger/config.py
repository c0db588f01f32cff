from environs import Env

env = Env()
env.read_env()

DSN = env.str("MYSQL_DSN")
FERNET_KEY = env.str("FERNET_KEY")
WORKERS = env.int("WORKERS", 2)
