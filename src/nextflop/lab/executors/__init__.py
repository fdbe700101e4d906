"""Where trials run: on this machine, on Slurm, on Ray."""
