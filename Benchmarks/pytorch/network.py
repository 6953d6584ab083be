"""A training step of any network; the sides are those of train.py."""
from train import SIDES  # for worker.py
