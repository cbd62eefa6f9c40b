"""Failures as values that travel."""

import pickle

from mesocast.errors import PhysicsFailure


def test_a_failure_keeps_its_status_and_reason_between_processes() -> None:
    failure = pickle.loads(pickle.dumps(PhysicsFailure("particles_lost", "3 beads left the film")))
    assert isinstance(failure, PhysicsFailure)
    assert (failure.status, failure.reason) == ("particles_lost", "3 beads left the film")
    assert str(failure) == "particles_lost: 3 beads left the film"
