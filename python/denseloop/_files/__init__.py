"""Files in the safetensors layout; docs/reference/files.md describes what is in them."""
