"""The logarithmic axis of the charts of ratios to denseloop's time."""

from matplotlib.ticker import FixedLocator, NullLocator

TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]


def set_up_axis(axis, spreads, height, headroom, last_tick=1.0):
    """Set limits and ticks for these ratios, and hide the vertical axis.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
    spreads : list of Spread
        The ratios.
    height : float
        The vertical axis runs from -height to 0.
    headroom : float
        Room for labels at the right, as a share of the ratios' range.
    last_tick : float
        Largest value that gets a tick, as a share of the upper limit.
    """
    low = min(0.8, min(spread.low for spread in spreads) / 1.1)
    high = max(2.0, max(spread.high for spread in spreads))
    high *= (high / low) ** headroom
    axis.set_xscale("log")
    axis.set_xlim(low, high)
    axis.set_ylim(-height, 0)
    ticks = [tick for tick in TICKS if low <= tick <= high * last_tick]
    axis.xaxis.set_major_locator(FixedLocator(ticks))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter("{x:g} ×")
    axis.yaxis.set_visible(False)
    axis.spines["left"].set_visible(False)
    axis.grid(axis="x")
