"""The benchmark: ``python -m tests.bench`` measures the installed package beside baselines."""
