"""The typed handles that people write rules with; each carries a node and knows what may be asked of it.

``scope`` says whether a handle speaks of a customer or of one row, and ``constants`` turns Python values into literals.
``value`` holds what all kinds share; ``numbers``, ``texts`` and ``instants`` are the kinds; ``columns`` aggregate.
``fields`` and ``collection`` let a shop declare its own, and ``standard`` is what every shop has.
"""
