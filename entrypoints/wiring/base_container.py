"""What every container has, and how one container completes another."""

import time
from collections.abc import Callable
from typing import TypeVar

from dependency_injector import containers, providers

from entrypoints.configuration.settings import Settings

C = TypeVar("C", bound=type[containers.DeclarativeContainer])


class BaseContainer(containers.DeclarativeContainer):
    """Settings and the time.

    Providers of every container are annotated with the ports that they fill, so that mypy sees a misfit.
    """

    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    clock: providers.Object[Callable[[], float]] = providers.Object(time.time)
    stopwatch: providers.Object[Callable[[], float]] = providers.Object(time.monotonic)


def completes(*bases: type[containers.DeclarativeContainer]) -> Callable[[C], C]:
    """Decorates an heir of ``bases`` whose providers take the places of the bases' providers with the same names.

    Inheritance alone leaves a base's providers wired to one another. (``containers.copy`` rewires them, but not where
    the heir's own provider depends on one of the base's.) The bases themselves stay as they are.
    """

    def decorate(heir: C) -> C:
        copied = providers.deepcopy({"own": heir.cls_providers, "bases": [dict(base.providers) for base in bases]})
        own = copied["own"]
        for inherited in copied["bases"]:
            for name, provider in inherited.items():
                if name in own:
                    provider.override(own[name])
                setattr(heir, name, own.get(name, provider))
        for name, provider in own.items():
            setattr(heir, name, provider)
        return heir

    return decorate
