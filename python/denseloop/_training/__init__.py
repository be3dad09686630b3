"""How a trainer works: its arguments become a plan, which each run carries out."""
