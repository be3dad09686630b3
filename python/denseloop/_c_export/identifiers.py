"""Names that a C and a C++ program may have."""

import re

KEYWORDS = frozenset(
    """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t
    class compl const const_cast constexpr continue decltype default delete do double dynamic_cast
    else enum explicit export extern false float for friend goto if inline int long mutable
    namespace new noexcept not not_eq nullptr operator or or_eq private protected public register
    reinterpret_cast restrict return short signed sizeof static static_assert static_cast struct
    switch template this thread_local throw true try typedef typeid typename union unsigned using
    virtual void volatile wchar_t while xor xor_eq
    """.split()
)


def check_identifier(name):
    """Raise an error unless `name` can begin the names of a header's functions."""
    if not isinstance(name, str):
        raise TypeError(f"name must be a string, got {name!r}")
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name) or "__" in name or name.endswith("_"):
        raise ValueError(
            f"name must be an identifier of C, of letters, digits and single underscores between "
            f"them, beginning with a letter; got {name!r}"
        )
    if name in KEYWORDS:
        raise ValueError(f"name must be no keyword of C or C++, got {name!r}")
