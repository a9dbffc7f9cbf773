"""One module for each group of commands; ``ltictl.cli.catalogue`` lists them all."""
