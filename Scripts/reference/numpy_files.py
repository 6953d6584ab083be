"""Files of numpy.save for StorageTests: Tests/StorageTests/Fixtures/numpy/*.npy.

    python3 Scripts/reference/numpy_files.py

Each holds 0, 1, ..., 5 as 2 x 3 numbers of one type, or one thing that is refused.
"""

from pathlib import Path

import numpy as np
from numpy.lib import format as npy

folder = Path(__file__).parents[2] / "Tests/StorageTests/Fixtures/numpy"
folder.mkdir(parents=True, exist_ok=True)
values = np.arange(6).reshape(2, 3)
for name in ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u1"]:
    np.save(folder / f"{name}.npy", values.astype(name))
np.save(folder / "b1.npy", values % 2 == 1)
np.save(folder / "scalar.npy", np.float32(7))
np.save(folder / "row.npy", np.arange(3, dtype="f4"))
np.save(folder / "empty.npy", np.zeros((0, 4), "f4"))
for version in [(2, 0), (3, 0)]:
    with open(folder / f"version{version[0]}.npy", "wb") as file:
        npy.write_array(file, values.astype("f4"), version=version)
# Refused: other byte order, columns first, complex numbers, records.
np.save(folder / "refused-big-endian.npy", values.astype(">f4"))
np.save(folder / "refused-columns.npy", np.asfortranarray(values.astype("f4")))
np.save(folder / "refused-complex.npy", values.astype("c8"))
np.save(folder / "refused-records.npy", np.zeros(2, dtype=[("x", "f4"), ("y", "i8")]))
