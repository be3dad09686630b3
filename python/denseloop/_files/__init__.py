"""Files in the safetensors layout; docs/reference/files.md describes what denseloop puts into them."""
