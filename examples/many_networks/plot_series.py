"""
A model for each of many series
===============================

A thousand shops, and for each the sales of ten years by month. Each shop gets a small network of
its own, which forecasts a month from the twelve months before. One call trains all of them.
"""

# %%
# The made-up sales have a level, a season and a trend that differ from shop to shop, and noise.
# Each series is divided by the mean of its first nine years.

import time

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

plt.style.use("tableau-colorblind10")

random = np.random.default_rng(0)
shops, month = 1_000, np.arange(120)
level, trend, swing, phase, peak = random.uniform(
    [20, -0.4, 0.1, 0, 0], [200, 1.6, 0.5, 12, 0.4], (shops, 5)
).T[:, :, None]
turn = 2 * np.pi * (month - phase) / 12
season = swing * np.sin(turn) + peak * np.exp(4 * (np.cos(turn) - 1))
sales = level * (1 + trend * month / 120 + season + random.normal(0, 0.03, (shops, 120)))
scale = sales[:, :108].mean(axis=1, keepdims=True)
known = sales[:, :108] / scale

# %%
# Network k gets the samples X[k], which are 96 windows of twelve months, and the months y[k] that
# follow them.

windows = sliding_window_view(known, 13, axis=1)
X, y = windows[:, :, :12] - 1, windows[:, :, 12:] - 1
networks = dl.Networks(
    [12, 4, 1], count=shops, activation="tanh", output_activation="identity", seed=0
)
start = time.perf_counter()
networks.train(X, y, optimizer=dl.Adam(0.03), reduction="mean", l2=0.03, epochs=300)
print(f"{shops:,} trainings: {time.perf_counter() - start:.2f} s, on the machine of this page")

# %%
# The last year is forecast month by month, for all shops at once, from what was forecast before.

series = known - 1
for _ in range(12):
    following = networks.forward(series[:, None, -12:])[:, 0]
    series = np.concatenate([series, following], axis=1)
forecast = (series[:, 108:] + 1) * scale
truth = sales[:, 108:]
for name, guess in {"networks": forecast, "the year before": sales[:, 96:108]}.items():
    print(f"{name:16} median error {100 * np.median(np.abs(guess / truth - 1)):.1f} %")

fig, axes = plt.subplots(2, 3, figsize=(9.5, 5), sharex=True, layout="constrained")
for shop, ax in enumerate(axes.flat):
    ax.plot(month[72:] / 12, sales[shop, 72:], "C2", lw=3, label="sales")
    ax.plot(month[108:] / 12, forecast[shop], "C0", label="forecast")
    ax.set_title(f"shop {shop + 1}")
fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
fig.supxlabel("year")
fig.supylabel("sales in a month (thousands)")
plt.show()
