"""How train_many works: the arguments become plans, which the core carries out at once."""
