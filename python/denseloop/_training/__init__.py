"""How `Network.train` works: its arguments become a plan, and a run carries the plan out."""
