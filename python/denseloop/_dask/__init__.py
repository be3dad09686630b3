"""Rows of Dask collections that stay on the workers and are summed there."""
