"""The progress bar of a training, by tqdm."""


class ProgressBar:
    """A context whose value is the function that the loop reports to, or None if not shown."""

    def __init__(self, epochs, shown):
        self._bar = None
        if shown:
            try:
                from tqdm import tqdm
            except ImportError:
                raise ImportError(
                    "progress=True needs tqdm: pip install denseloop[progress]"
                ) from None
            self._bar = tqdm(total=epochs, unit=" epochs", unit_scale=True)

    def __enter__(self):
        return self.report if self._bar is not None else None

    def __exit__(self, *_):
        if self._bar is not None:
            self._bar.close()

    def report(self, finished, loss):
        self._bar.set_postfix_str(f"loss {loss:.6g}", refresh=False)
        self._bar.update(finished - self._bar.n)
