"""The collections that signatures name. Only type checkers import them: it takes seconds."""

from typing import TypeAlias

from dask.array import Array
from dask.dataframe import DataFrame, Series

__all__ = ["Array", "DataFrame", "Series"]

# In quotes, which a checker that cannot see into Dask takes for any type, and not for an error.
Inputs: TypeAlias = "Array | DataFrame"
Rows: TypeAlias = "Array | DataFrame | Series"
Column: TypeAlias = "Array | Series"
CollectedEvalSet: TypeAlias = "tuple[Inputs, Rows] | tuple[Inputs, Rows, Column | None]"
CollectedEvalSets: TypeAlias = "CollectedEvalSet | list[CollectedEvalSet] | None"
