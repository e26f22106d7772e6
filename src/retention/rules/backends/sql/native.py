"""What databases say each in their own way: one construct, and a table of its wordings.

A wording is chosen when the statement is compiled, so a database that has none refuses before any query runs.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, final

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import Function
from sqlalchemy.types import TypeEngine

from retention.errors import UnsupportedRule
from retention.rules.backends.sql.wordings import WORDINGS, Wording

_RELATIVES: Final[Mapping[str, str]] = {"mariadb": "mysql"}
"""Dialects that say what another one says, unless a wording names them."""


@final
class Native(Function[Any]):
    """A function of ``wordings.WORDINGS``, with its arguments in order."""

    inherit_cache = True

    def __init__(self, name: str, *arguments: ColumnElement[Any], type_: TypeEngine[Any] | type[TypeEngine[Any]]):
        super().__init__(name, *arguments, type_=type_)


@compiles(Native)
def _say(element: Native, compiler: SQLCompiler, **options: Any) -> str:
    wording = wording_of(element.name, compiler.dialect.name)
    said = (
        compiler.process(each.self_group(), **options) if f"{{{place}}}" in wording else ""
        for place, each in enumerate(element.clauses)
    )
    return wording.format(*said)


def wording_of(name: str, dialect: str) -> str:
    """What a dialect says for a function. Raises UnsupportedRule if it has nothing to say.

    SQLAlchemy's own ``default`` dialect, in which statements are printed, says what PostgreSQL says.
    """
    wording = WORDINGS[name]
    asked = "postgresql" if dialect == "default" else dialect
    found = wording.by_dialect.get(asked) or wording.by_dialect.get(_RELATIVES.get(asked, "")) or wording.otherwise
    if found is None:
        raise _refusal(wording, dialect)
    return found


def _refusal(wording: Wording, dialect: str) -> UnsupportedRule:
    ever: Literal["not yet", "never"] = "never" if dialect in wording.never else "not yet"
    return UnsupportedRule(f"{wording.about}, which is not known for {dialect}", hint=wording.hint, ever=ever)
