"""What others add to a shop: a storage, channels, fields, observers. By pluggy, on an instance that the host owns."""

from retention.plugins.hookspecs import hookimpl
from retention.plugins.manager import Plugins, UnknownHook

__all__ = ["Plugins", "UnknownHook", "hookimpl"]
