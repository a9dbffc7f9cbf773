"""The commands, one module for each group; ``ltictl.cli.catalogue`` lists them all."""
