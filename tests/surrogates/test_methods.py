from __future__ import annotations

from typing import Any

import numpy as np

from mesocast.surrogates.methods import METHODS, TrainingData

BOX = ((86.0, 96.0), (45.0, 71.0), (0.0, 40.0))
LIMITS = np.array(BOX).T[0], np.array(BOX).T[1]


def data(y: Any, x: Any) -> TrainingData:
    return TrainingData(
        property_name="active_surface_pct",
        inputs=("am_pct", "sc_pct", "cr_pct"),
        unit="%",
        box=BOX,
        x=x,
        y=y,
        slurries=None,
        seed=0,
    )


def test_each_method_learns_and_comes_back_from_its_dictionary() -> None:
    x = np.random.default_rng(0).uniform(*LIMITS, (40, 3))
    y = 60 + 20 * x[:, 2] / 100 * x[:, 0] / 100
    for name, settings in (("sisso", {"rung": 1}), ("polynomial", {})):
        model, facts = METHODS[name].fit(data(y, x), settings)
        assert np.abs(model(x) / y - 1).max() < 1e-8, name
        assert METHODS[name].read(model.to_dict()) == model
        if name == "sisso":
            assert facts["dimension"] == 1
            assert facts["condition_number"] == 1
            assert set(facts["cross_validated_mean_squared_error"]) == {"identity", "log"}
