"""Types of what lies on the workers."""

from typing import Any, Protocol

__all__ = ["Collection", "CollectedEvalSet", "CollectedEvalSets"]


class Collection(Protocol):
    """A dask Array, Series or DataFrame."""

    def __dask_graph__(self) -> Any: ...
    def compute(self, **kwargs: Any) -> Any: ...
    def persist(self, **kwargs: Any) -> Any: ...


CollectedEvalSet = tuple[Collection, Collection] | tuple[Collection, Collection, Collection | None]
CollectedEvalSets = CollectedEvalSet | list[CollectedEvalSet] | None
