"""For tests of hosts and of engines: Hypothesis strategies (``facts``, ``rules``) and the contract kit of a backend.

Needs the ``testing`` extra. Nothing here is imported by the rest of the library.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from retention.errors import MissingExtra

if TYPE_CHECKING:
    from retention.testing.backends import check_backend

if find_spec("hypothesis") is None:
    raise MissingExtra("retention.testing", "hypothesis", "testing")

__all__ = ["check_backend"]


def __getattr__(name: str) -> Any:
    """``check_backend`` when it is asked for: hosts that test a channel or a store need no rules of Hypothesis."""
    if name != "check_backend":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from retention.testing.backends import check_backend

    return check_backend
