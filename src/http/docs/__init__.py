"""The viewer of the OpenAPI document: one page that loads nothing from anywhere else."""
