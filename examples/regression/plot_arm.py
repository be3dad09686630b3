"""
The inverse kinematics of an arm
================================

Where the hand of an arm is follows from its joints' angles by a formula. A robot needs the inverse:
the angles that bring the hand to a place. A network learns it from random poses, and then leads the
hand along a path that it has never seen.
"""

# %%
# Two links, of 30 cm and 20 cm. The elbow bends one way only, so that one pose belongs to a place.

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np

plt.style.use("tableau-colorblind10")

LINKS = np.array([30.0, 20.0])  # cm


def joints_at(angles):
    """Return the places of elbow and hand (n_poses, 2, 2) for angles (n_poses, 2)."""
    directions = np.cumsum(angles, axis=1)  # of each link, against the horizontal
    steps = LINKS[:, None] * np.stack([np.cos(directions), np.sin(directions)], axis=-1)
    return np.cumsum(steps, axis=1)


random = np.random.default_rng(0)
angles = random.uniform([0.0, 0.4], [np.pi / 2, 2.6], (600, 2))
hands = joints_at(angles)[:, 1]

# %%
# The network takes places in cm and gives angles in radians; it scales both by itself.

net = dl.Network(
    [2, 24, 2], activation="tanh", output_activation="identity", scaling="standard", seed=0
)
history = net.train(hands, angles, optimizer="lm", reduction="mean", epochs=100)

# %%
# The path is a figure of eight. The arm is drawn at nine of its places.

turn = np.linspace(0, 2 * np.pi, 201)
path = np.column_stack([15 + 10 * np.sin(turn), 27 + 5 * np.sin(2 * turn)])
joints = joints_at(net.forward(path))
misses = np.linalg.norm(joints[:, 1] - path, axis=1)
print(f"the hand misses the path by {10 * misses.mean():.2f} mm on average, at most ", end="")
print(f"{10 * misses.max():.2f} mm")

fig, ax = plt.subplots(figsize=(5.6, 5), layout="constrained")
ax.plot(*hands.T, ".", color="C9", ms=3, label="hand in the training")
for elbow, hand in joints[:-1:22]:
    ax.plot(*np.array([[0, 0], elbow, hand]).T, "C4o-", ms=4, lw=2, alpha=0.7)
ax.plot(*path.T, "C8", lw=6, label="path")
ax.plot(*joints[:, 1].T, "k", lw=1, label="path of the hand")
ax.set(xlabel="x (cm)", ylabel="y (cm)", title="An arm led by a network", aspect="equal")
ax.legend(loc="upper right", markerscale=2)
plt.show()
