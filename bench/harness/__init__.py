"""How a measurement is made: processes, proofs of correctness, rounds, texts and files."""
