"""For tests of hosts and of engines: Hypothesis strategies (``facts``, ``rules``) and the contract kit of a backend.

Needs the ``testing`` extra. Nothing here is imported by the rest of the library.
"""
