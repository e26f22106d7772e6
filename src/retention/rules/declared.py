"""Whether a profile was built with the schema that a rule was written for.

A name of the standard schema is in every profile. A host's own is only there if the host gave its schema to
``Profile.build``; without this check, a rule would read everybody's value as missing and answer wrongly.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias

from retention.errors import ConfigurationError, FactError
from retention.profile import Profile
from retention.rules.nodes import Attribute, Events, Node
from retention.schema import STANDARD, Schema

OwnNames: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
"""Attributes and collections that a host declared."""


def own_names(nodes: Iterable[Node]) -> OwnNames:
    """The names among the nodes that the standard schema does not have."""
    attributes, collections = set(), set()
    for node in nodes:
        if isinstance(node, Attribute) and node.name not in STANDARD.attributes:
            attributes.add(node.name)
        elif isinstance(node, Events) and node.collection not in STANDARD.collections:
            collections.add(node.collection)
    return tuple(sorted(attributes)), tuple(sorted(collections))


def require_names(schema: Schema, names: OwnNames) -> None:
    """Raises ConfigurationError unless the profile's schema has the names that the rule reads."""
    attributes, collections = names
    lacking = [name for name in attributes if name not in schema.attributes]
    lacking += [name for name in collections if name not in schema.collections]
    if lacking:
        raise ConfigurationError(
            f"the profile was built without {', '.join(map(repr, lacking))}, which the rule reads",
            hint="Build it with the schema that declares them: Profile.build(customer, facts, schema=...)",
        )


def require_profile(profile: Any) -> None:
    """Raises FactError for anything that is not a Profile."""
    if not isinstance(profile, Profile):
        raise FactError("profile", "is not a Profile", got=profile, hint="Give Profile.build(customer, facts)")
