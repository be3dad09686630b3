"""The progress bar of a training, or of many, by tqdm."""

from denseloop._missing import missing


def tqdm_class():
    """Return tqdm's class, or raise an ImportError that says how to install it."""
    try:
        from tqdm import tqdm
    except ImportError as error:
        raise missing("progress=True", "tqdm", error) from None
    return tqdm


class ProgressBar:
    """A context that yields the function to report to.

    The bar appears with the first report, so that a refused call shows none.
    """

    def __init__(self, total, unit="epochs"):
        self._total, self._unit = total, unit
        self._tqdm = tqdm_class()
        self._bar = None

    def __enter__(self):
        return self.report

    def __exit__(self, *_):
        if self._bar is not None:
            self._bar.close()

    def report(self, finished, loss=None, validation_loss=None):
        """Show how many are finished, and the losses of the last epoch, each or None."""
        if self._bar is None:
            self._bar = self._tqdm(total=self._total, unit=f" {self._unit}", unit_scale=True)
        losses = {"loss": loss, "validation loss": validation_loss}
        shown = [f"{name} {value:.6g}" for name, value in losses.items() if value is not None]
        self._bar.set_postfix_str(", ".join(shown), refresh=False)
        self._bar.update(finished - self._bar.n)
