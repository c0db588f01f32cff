from dependency_injector import containers, providers

from messenger.service import Accounts
from messenger.unit import UnitOfWork, factory


class Container(containers.DeclarativeContainer):
    unit = providers.Factory(UnitOfWork, factory=providers.Object(factory))
    accounts = providers.Factory(Accounts, unit=unit)
