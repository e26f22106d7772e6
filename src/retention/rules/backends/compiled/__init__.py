"""From the tree to the source of a Python function.

``writer`` keeps lines, names and what has been computed where; ``selections`` writes how rows are found, ``values``
what is read from them, ``conditions`` what is true of it; ``runtime`` holds the few functions that generated code
calls.
"""
