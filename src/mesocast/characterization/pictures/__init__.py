"""Pictures of electrodes and fields."""
