"""A typed face of pluggy's manager: what is asked of plugins, and what comes back, has the types of the hooks."""

from collections.abc import Iterator
from datetime import datetime
from inspect import isroutine
from typing import Any, Final, final

import pluggy

from retention.campaigns.effects import GrantPoints, IssueCoupon, OpenTicket, SetTag
from retention.channels.protocol import Channel, Receipt
from retention.errors import ConfigurationError, nearest
from retention.plugins import hookspecs
from retention.rules.handles.collection import declare
from retention.schema import STANDARD, Schema
from retention.segments.membership import Direction
from retention.storage.shop.port import ShopStore
from retention.storage.shop.records import Parcel

PREFIX: Final = f"{hookspecs.PROJECT}_"
HOOKS: Final = tuple(name for name in vars(hookspecs) if name.startswith(PREFIX))
_HOOKS: Final = ", ".join(HOOKS)


class UnknownHook(ConfigurationError):
    """A plugin has a function for a hook that does not exist; ``nearest`` is the likeliest that does."""

    code = "unknown-hook"

    def __init__(self, name: str) -> None:
        self.name = name
        self.known = HOOKS
        self.nearest = nearest(name, HOOKS)
        hint = f"Did you mean {self.nearest!r}?" if self.nearest else f"There are {_HOOKS}"
        super().__init__(f"no hook is called {name!r}", hint=hint)


@final
class Plugins:
    """The plugins of one shop: modules or objects whose functions are marked with ``hookimpl``.

    Nothing is loaded that the host did not give or ask for. What plugins bring is in the order in which they were
    registered. Observers are told one after the other, the last registered first; the first that raises stops the rest.
    Raises UnknownHook, and ConfigurationError for a plugin that would never be called or is there already.
    """

    def __init__(self, *plugins: object) -> None:
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        for each in plugins:
            self.register(each)

    def __repr__(self) -> str:
        return f"Plugins({', '.join(self.names)})"

    @property
    def names(self) -> tuple[str, ...]:
        """In the order in which they were registered."""
        return tuple(name for name, plugin in self._manager.list_name_plugin() if plugin is not None)

    def register(self, plugin: object, name: str | None = None) -> None:
        """Add one, under its own name (of a module, a class) if none is given. Raises as the class does."""
        called = name or str(getattr(plugin, "__name__", type(plugin).__name__))
        if called in self.names or self._manager.is_registered(plugin):
            raise ConfigurationError(f"the plugin {called!r} is registered already", hint="Give another name")
        self._require_hooks(plugin, called)
        try:
            self._manager.register(plugin, called)
        except pluggy.PluginValidationError as error:
            *_, problem = str(error).splitlines()
            raise ConfigurationError(f"the plugin {called!r} does not fit its hooks", hint=problem) from None

    def load_entry_points(self, group: str = hookspecs.PROJECT) -> tuple[str, ...]:
        """Register what installed distributions offer under ``group``, and give their names; those that are registered
        already are left out."""
        from importlib.metadata import entry_points  # not paid for by who loads none

        offered = [each for each in entry_points(group=group) if each.name not in self.names]
        for each in offered:
            self.register(each.load(), each.name)
        return tuple(each.name for each in offered)

    def _require_hooks(self, plugin: object, called: str) -> None:
        """Raises UnknownHook, and ConfigurationError for a function that looks like a hook's and is not marked."""
        marked = False
        for name in dir(plugin):
            options = self._manager.parse_hookimpl_opts(plugin, name)
            if options is None and name.startswith(PREFIX) and isroutine(getattr(plugin, name)):
                raise ConfigurationError(f"{called}.{name} would never be called", hint="Mark it with @hookimpl")
            if options is not None and name not in HOOKS:
                raise UnknownHook(name)
            marked = marked or options is not None
        if not marked:
            raise ConfigurationError(
                f"the plugin {called!r} has no hooks", hint=f"Mark its functions with @hookimpl; there are {_HOOKS}"
            )

    # What plugins bring. ---------------------------------------------------------------------------------------------

    def storage(self) -> ShopStore | None:
        """The storage that a plugin brings, if any does. Raises ConfigurationError if two do."""
        found: list[ShopStore] = [each for each in _first_to_last(self._manager.hook.retention_storage()) if each]
        if len(found) > 1:
            raise ConfigurationError("two plugins bring a storage", hint="Register one of them")
        return found[0] if found else None

    def channels(self) -> tuple[Channel, ...]:
        """The channels of all plugins."""
        return tuple(each for some in _first_to_last(self._manager.hook.retention_channels()) for each in some)

    def schema(self, *, currency: str | None = None, schema: Schema = STANDARD) -> Schema:
        """The schema with the fields of all plugins. Raises ConfigurationError for a name that is taken."""
        fields = (each for some in _first_to_last(self._manager.hook.retention_fields()) for each in some)
        return declare(*fields, currency=currency, schema=schema)

    # What plugins are told. ------------------------------------------------------------------------------------------

    def membership_changed(self, customer: str, segment: str, direction: Direction, at: datetime) -> None:
        self._manager.hook.retention_membership_changed(customer=customer, segment=segment, direction=direction, at=at)

    def effect_stored(self, customer: str, effect: GrantPoints | IssueCoupon | SetTag | OpenTicket) -> None:
        self._manager.hook.retention_effect_stored(customer=customer, effect=effect)

    def message_changed(self, parcel: Parcel) -> None:
        self._manager.hook.retention_message_changed(parcel=parcel)

    def message_reported(self, parcel: Parcel, receipt: Receipt) -> None:
        self._manager.hook.retention_message_reported(parcel=parcel, receipt=receipt)


def _first_to_last(answers: list[Any]) -> Iterator[Any]:
    """pluggy asks the last registered first."""
    return iter(answers[::-1])
