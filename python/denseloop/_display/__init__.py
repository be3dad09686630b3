"""How networks and histories show themselves: as text, and as HTML in a notebook."""
