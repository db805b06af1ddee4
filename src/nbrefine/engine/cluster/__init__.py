"""Steps on a Dask cluster: they run on its workers, and the builder publishes what they make."""
