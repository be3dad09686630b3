"""Calls of functions that keep their results."""


def cached_call(function, *arguments):
    """Call a function of `functools.lru_cache`, also with arguments that cannot be a key."""
    try:
        return function(*arguments)
    except TypeError:  # from the cache, or from the function
        pass
    return function.__wrapped__(*arguments)
