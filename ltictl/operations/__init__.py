"""The work of ltictl, one verb a module: plain arguments and collaborators in, a result out."""
