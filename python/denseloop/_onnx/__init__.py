"""Dense networks as ONNX graphs, and back. Nothing here imports onnx before it is asked for."""
