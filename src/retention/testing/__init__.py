"""For tests of hosts and of engines: Hypothesis strategies (``facts``, ``rules``) and the contract kit of a backend.

Needs the ``testing`` extra. Nothing here is imported by the rest of the library.
"""

from importlib.util import find_spec

from retention.errors import MissingExtra

if find_spec("hypothesis") is None:
    raise MissingExtra("retention.testing", "hypothesis", "testing")
