from app.models import Jar


class NotEnough(Exception):
    pass


class NoSuchJar(Exception):
    pass


class JarService:
    def __init__(self, jars) -> None:
        self.jars = jars

    async def take(self, keeper_id: int, jar_id: int, grams: int) -> Jar:
        jar = await self.jars.find(keeper_id, jar_id)
        if jar is None:
            raise NoSuchJar
        if grams > jar.grams:
            raise NotEnough
        jar.grams -= grams
        return jar
