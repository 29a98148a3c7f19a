"""What holds for all tests: properties are checked without a time limit, for a busy machine is no failure."""

from __future__ import annotations

import os

# Sums in another order round otherwise: training in this process and in those it starts must add up alike to the last
# bit, so all of them compute with one thread. Before anything imports torch.
os.environ["OMP_NUM_THREADS"] = "1"

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
