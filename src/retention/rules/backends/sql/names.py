"""Names of columns that are too long for a database, which would cut them off."""

from typing import Any, Final, final

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import Function

from retention.errors import ConfigurationError

_LONGEST: Final = 63
"""Bytes of a name in PostgreSQL (its manual, section 4.1.1). Two that begin alike would be one."""


@final
class _Named(Function[Any]):
    """A flag whose column has a long name."""

    inherit_cache = True

    def __init__(self, flag: ColumnElement[Any], key: str) -> None:
        super().__init__("named", flag, type_=flag.type)
        self.segment = key


@compiles(_Named)
def _say(element: _Named, compiler: SQLCompiler, **options: Any) -> str:
    [flag] = element.clauses
    return compiler.process(flag.self_group(), **options)


@compiles(_Named, "postgresql")
def _refuse(element: _Named, compiler: SQLCompiler, **options: Any) -> str:
    bytes_of_it = len(element.segment.encode())
    raise ConfigurationError(
        f"PostgreSQL cuts names of columns at {_LONGEST} bytes: {element.segment!r} has {bytes_of_it}",
        hint="Give the segment a shorter key",
    )


def fitting(flag: ColumnElement[Any], key: str) -> ColumnElement[Any]:
    """The flag, to be refused when it is compiled for a database in which its name is too long."""
    return flag if len(key.encode()) <= _LONGEST else _Named(flag, key)
