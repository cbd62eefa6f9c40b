"""Published accuracy of the same surrogates, to hold a campaign's own against."""

from __future__ import annotations

from typing import NamedTuple

#: Where the numbers are from.
SOURCE = "Duquesnoy et al., Energy Storage Mater. 56 (2023) 50, table 1"


class PublishedAccuracy(NamedTuple):
    """Accuracy on the test rows.

    Parameters
    ----------
    r2
        Of one split.
    r2_ci95
        Interval of the mean over 75 splits.
    rmse_pct
        Of one split, in %.
    """

    r2: float
    r2_ci95: tuple[float, float]
    rmse_pct: float


#: SISSO on 174 electrodes of :data:`SOURCE`, as printed. The numbers of conductivity and tortuosity
#: contradict each other and look swapped: an RMSE of 1.5 % with an R2 of 0.93 needs a property that
#: varies by 6 %, and the conductivity varies more than twofold.
PUBLISHED = {
    "tortuosity_factor": PublishedAccuracy(0.979, (0.978, 0.981), 7.80),
    "electronic_conductivity_S_m": PublishedAccuracy(0.933, (0.941, 0.950), 1.48),
    "active_surface_pct": PublishedAccuracy(0.911, (0.885, 0.914), 1.41),
    "density_g_cm3": PublishedAccuracy(0.968, (0.962, 0.971), 1.87),
}

#: Root mean square error in % and R2 over the training rows (table S1), as printed.
PUBLISHED_TRAINING = {
    "tortuosity_factor": (6.88, 0.978),
    "electronic_conductivity_S_m": (1.91, 0.966),
    "active_surface_pct": (1.41, 0.909),
    "density_g_cm3": (1.87, 0.985),
}
