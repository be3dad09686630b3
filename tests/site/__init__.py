"""What only a built site shows. pytest takes these files when `make docs` names them."""
