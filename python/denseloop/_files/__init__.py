"""Files in the safetensors layout; docs/files.md describes what denseloop puts into them."""
