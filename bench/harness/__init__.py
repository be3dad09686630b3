"""How results are measured: child processes, checks of correctness, rounds, texts and files."""
