"""What `Network.train` does: its arguments checked into a plan, and the plan carried out."""
