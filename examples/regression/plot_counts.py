"""
Counts, by the Poisson loss
===========================

Calls in an hour or goals in a match are counts: never negative, and the more they are, the wider
they scatter. The activation "exp" and the loss "poisson" are made for them: the output is the
expected count.
"""

# %%
# Calls at a service desk in each hour of 30 weeks, of which the network learns the first 20. Each
# hour is put on two circles, one for the day and one for the week, so that the end of Sunday is
# beside the beginning of Monday.

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np

plt.style.use("tableau-colorblind10")

random = np.random.default_rng(0)
hour = np.arange(30 * 168)
workday = hour % 168 < 120
daily = np.exp(-(((hour % 24) - 11) ** 2) / 18) + 0.6 * np.exp(-(((hour % 24) - 15) ** 2) / 8)
expected = 0.5 + np.where(workday, 14, 4) * daily
calls = random.poisson(expected)

learned = 20 * 168
angles = 2 * np.pi * np.column_stack([hour / 24, hour / 168])
X = np.hstack([np.sin(angles), np.cos(angles)])
net = dl.Network([4, 24, 24, 1], activation="tanh", output_activation="exp", seed=0)
history = net.train(
    X[:learned],
    calls[:learned],
    optimizer=dl.Adam(dl.InverseScaling(0.01, power=0.3)),
    loss="poisson",
    reduction="mean",
    batch_size=168,
    shuffle=True,
    epochs=300,
)

# %%
# The deviance compares with the best possible forecast of each sample, the count itself. For the
# true expectation it is about 1 for each sample. These are the ten weeks that were not learned.


def deviance(forecast):
    counts, forecast = calls[learned:], forecast[learned:]
    logs = np.where(counts > 0, counts * np.log(np.maximum(counts, 1) / forecast), 0)
    return 2 * np.mean(logs - counts + forecast)


forecast = net.forward(X)[:, 0]
print(f"mean deviance: network {deviance(forecast):.3f}", end=", ")
print(f"true expectation {deviance(expected):.3f}", end=", ")
print(f"the mean of all hours {deviance(np.full(len(calls), calls[:learned].mean())):.3f}")

# %%
# One week. The band is two standard deviations of a Poisson distribution, the root of its mean.

week = hour[:168]
fig, ax = plt.subplots(figsize=(9, 4.2), layout="constrained")
shown, spread = forecast[:168], 2 * np.sqrt(forecast[:168])
ax.fill_between(
    week / 24,
    np.maximum(shown - spread, 0),
    shown + spread,
    color="C7",
    alpha=0.5,
    label="two standard deviations",
)
ax.plot(week / 24, calls[:168], ".", color="C5", label="counted in the first week")
ax.plot(week / 24, shown, "C0", lw=2, label="network")
ax.plot(week / 24, expected[:168], "k:", label="true expectation")
ax.set(xlabel="day of the week", ylabel="calls in an hour", title="A week at a service desk")
ax.set_xticks(np.arange(7) + 0.5, ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])
ax.legend()
plt.show()
